"""A scripted OpenAI-compatible server on loopback: it does what it is told, right or wrong, and counts what it was asked.

In a test it runs in a thread (`ScriptedServer`); as a process: ``python tests/judge/server.py --delay 0.3 --faults 0.1`` prints
its address, and ``GET /stats`` says what it was asked. Plain asyncio, so that it costs little beside what is measured.
"""

import argparse
import asyncio
import email.utils
import hashlib
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from bodies import body_of, judged, prompt_of, uploaded

FAULTS = ("429", "500", "503", "slow", "drip", "cut", "body", "text", "schema", "refusal", "empty", "model", "length")
"""What can go wrong, by name; ``ok`` is none of it. Further: 400, 401, 404, quota, failed, filter, 429date."""

Headers = dict[str, str]
Reply = tuple[int, Headers, bytes]


class Script:
    """What the server does: ``plan`` holds what the next calls meet, then every call meets ``faults`` at a rate."""

    def __init__(
        self,
        plan: Sequence[str] = (),
        decide: Callable[[str], dict[str, Any]] = lambda prompt: judged(),
        delay: float = 0.0,
        faults: float = 0.0,
        kinds: Sequence[str] = FAULTS,
        limit: tuple[int, float] | None = None,
        slow: float = 60.0,
        model: str | None = None,
    ) -> None:
        self.plan, self.decide, self.delay, self.faults, self.kinds = list(plan), decide, delay, faults, tuple(kinds)
        self.limit, self.slow, self.model = limit, slow, model
        self.met: Counter[str] = Counter()
        self.asked: list[dict[str, Any]] = []
        self.answered: Counter[str] = Counter()
        self.headers: list[Headers] = []
        self.at_once = self.most_at_once = 0
        self.first_asked = self.last_answered = 0.0
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.batch_polls = 2
        self._random = random.Random(0)
        self._window = (0.0, 0)

    def next(self) -> str:
        if self.plan:
            return self.plan.pop(0)
        return self._random.choice(self.kinds) if self._random.random() < self.faults else "ok"

    def limits(self) -> tuple[bool, Headers]:
        """Count a call against the limit of the running window."""
        if self.limit is None:
            return False, {}
        most, seconds = self.limit
        now = time.monotonic()
        start, count = self._window
        if now - start >= seconds:
            start, count = now, 0
        over = count >= most
        self._window = (start, count + (not over))
        left = start + seconds - now
        headers = {
            "x-ratelimit-limit-requests": str(most),
            "x-ratelimit-remaining-requests": str(max(0, most - self._window[1])),
            "x-ratelimit-reset-requests": f"{max(1, round(1000 * left))}ms",
        }
        return over, headers | ({"retry-after": f"{left:.3f}"} if over else {})


class ScriptedServer:
    """``with ScriptedServer(Script(...)) as server: server.url``."""

    def __init__(self, script: Script, port: int = 0) -> None:
        self.script, self._port = script, port
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_until_complete(self.serve())
        self._loop.close()

    async def serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self._port, limit=2**24, backlog=512)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._request(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if path in ("/v1/responses", "/v1/chat/completions"):
            return await self._judge("responses" if path.endswith("responses") else "chat", headers, body, writer)
        await _send(writer, *self._elsewhere(method, path.partition("?")[0], headers, body))
        return True

    async def _judge(self, api: str, headers: Headers, body: bytes, writer: asyncio.StreamWriter) -> bool:
        script, request = self.script, json.loads(body)
        over, limits = script.limits()
        what = "429" if over else script.next()
        script.met[what] += 1
        script.asked.append(request)
        script.first_asked = script.first_asked or time.perf_counter()
        script.headers.append(headers)
        script.at_once += 1
        script.most_at_once = max(script.most_at_once, script.at_once)
        try:
            if what == "slow":
                await asyncio.sleep(script.slow)
            elif script.delay:
                await asyncio.sleep(script.delay)
        finally:
            script.at_once -= 1
        status, extra, reply = self.reply(what, api, request)
        if status == 200 and what in ("ok", "slow"):
            script.answered[hashlib.sha256(prompt_of(request).encode()).hexdigest()] += 1
        whole = {**limits, **({} if over else extra)}
        if what == "drip":
            await _head(writer, status, whole, len(reply))
            for byte in reply:
                if writer.transport.is_closing():
                    return False
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)
            return True
        if what == "cut":
            await _head(writer, status, whole, len(reply))
            writer.write(reply[: len(reply) // 2])
            await writer.drain()
            return False
        await _send(writer, status, whole, reply)
        script.last_answered = time.perf_counter()
        return True

    def reply(self, what: str, api: str, request: dict[str, Any]) -> Reply:
        """Status, headers and body of what a call meets."""
        model = self.script.model or request["model"]
        good = json.dumps(self.script.decide(prompt_of(request)))
        error = {"message": f"scripted {what}", "code": None}
        date = email.utils.formatdate(time.time() + 1, usegmt=True)
        failing: dict[str, Reply] = {
            "429": (429, {"retry-after-ms": "20"}, _error(error)),
            "429date": (429, {"retry-after": date}, _error(error)),
            "quota": (429, {}, _error({**error, "code": "insufficient_quota"})),
            "400": (400, {}, _error(error)),
            "401": (401, {}, _error({**error, "message": f"Incorrect API key: {request.get('model')}"})),
            "404": (404, {}, _error(error)),
            "500": (500, {}, _error(error)),
            "503": (503, {"retry-after": "0.02"}, b"<html>upstream</html>"),
            "body": (200, {}, b'{"model": '),
        }
        if what in failing:
            return failing[what]
        changed: dict[str, dict[str, Any]] = {
            "text": body_of(api, model, "Verdict: correct, I think."),
            "schema": body_of(api, model, json.dumps({**judged(), "verdict": "yes"})),
            "refusal": body_of(api, model, "", refusal="I cannot help with that."),
            "empty": body_of(api, model, ""),
            "model": body_of(api, "another-model", good),
            "length": body_of(api, model, good[:20], incomplete="max_output_tokens"),
            "filter": body_of(api, model, "", incomplete="content_filter"),
            "failed": body_of(api, model, "", status="failed"),
        }
        return 200, {}, json.dumps(changed.get(what) or body_of(api, model, good)).encode()

    def _elsewhere(self, method: str, path: str, headers: Headers, body: bytes) -> Reply:
        script = self.script
        if path == "/stats":
            bought = script.answered
            found = {"met": script.met, "calls": len(script.asked), "answered": len(bought), "bought_again": sum(bought.values()) - len(bought), "most_at_once": script.most_at_once, "seconds": script.last_answered - script.first_asked}  # fmt: skip
            return 200, {}, json.dumps(found).encode()
        if path == "/v1/files" and method == "POST":
            name = f"file-{len(script.files)}"
            script.files[name] = uploaded(headers["content-type"], body)
            return 200, {}, json.dumps({"id": name, "object": "file", "bytes": len(body), "created_at": 0, "filename": "b.jsonl", "purpose": "batch", "status": "processed"}).encode()  # fmt: skip
        if (found := re.fullmatch(r"/v1/files/([\w-]+)/content", path)) and found[1] in script.files:
            return 200, {}, script.files[found[1]]
        if path == "/v1/batches" and method == "POST":
            asked = json.loads(body)
            name = f"batch-{len(script.batches)}"
            script.batches[name] = {
                "id": name, "object": "batch", "endpoint": asked["endpoint"], "input_file_id": asked["input_file_id"],
                "completion_window": "24h", "status": "in_progress", "created_at": 0, "metadata": asked.get("metadata"),
                "polls": 0,
            }  # fmt: skip
            return 200, {}, json.dumps(script.batches[name]).encode()
        if path == "/v1/batches":
            return (
                200,
                {},
                json.dumps({"object": "list", "data": list(script.batches.values()), "has_more": False}).encode(),
            )
        if (found := re.fullmatch(r"/v1/batches/([\w-]+)", path)) and found[1] in script.batches:
            return 200, {}, json.dumps(self._polled(script.batches[found[1]])).encode()
        return 404, {}, _error({"message": f"nothing at {path}"})

    def _polled(self, batch: dict[str, Any]) -> dict[str, Any]:
        batch["polls"] += 1
        if batch["status"] == "in_progress" and batch["polls"] >= self.script.batch_polls:
            api = "responses" if batch["endpoint"].endswith("responses") else "chat"
            done, failed = [], []
            for line in self.script.files[batch["input_file_id"]].decode().splitlines():
                row = json.loads(line)
                what = self.script.next()
                self.script.met[what] += 1
                status, _, reply = self.reply(what, api, row["body"])
                content = json.loads(reply) if reply.startswith(b"{") and what != "body" else {}
                self.script.answered[row["custom_id"]] += status == 200
                made = {"id": "x", "custom_id": row["custom_id"], "response": {"status_code": status, "body": content}, "error": None}  # fmt: skip
                (done if status == 200 else failed).append(made)
            for key, rows in (("output_file_id", done), ("error_file_id", failed)):
                if rows:
                    batch[key] = f"file-{len(self.script.files)}"
                    self.script.files[batch[key]] = "".join(json.dumps(row) + "\n" for row in rows).encode()
            batch["status"] = "completed"
        return batch


def _error(error: dict[str, Any]) -> bytes:
    return json.dumps({"error": error}).encode()


async def _head(writer: asyncio.StreamWriter, status: int, headers: Headers, length: int) -> None:
    lines = [f"HTTP/1.1 {status} scripted", "content-type: application/json", f"content-length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await writer.drain()


async def _send(writer: asyncio.StreamWriter, status: int, headers: Headers, body: bytes) -> None:
    if not writer.is_closing():
        await _head(writer, status, headers, len(body))
        writer.write(body)
        await writer.drain()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.3)
    parser.add_argument("--faults", type=float, default=0.0)
    parser.add_argument("--slow", type=float, default=3.0)
    chosen = parser.parse_args()
    server = ScriptedServer(Script(delay=chosen.delay, faults=chosen.faults, slow=chosen.slow), chosen.port)

    async def serve() -> None:
        task = asyncio.create_task(server.serve())
        while not server._ready.is_set():
            await asyncio.sleep(0.01)
        print(server.url, flush=True)
        await task

    asyncio.run(serve())


if __name__ == "__main__":
    main()
