"""A served review in a real process, and a reader who talks HTTP to it."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit


@contextmanager
def serving(
    folder: Path, *arguments: str, host: str = "127.0.0.1", what: str = "start"
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``harness review start`` (or another command that serves) on a free port: the process and the link it printed."""
    command = [sys.executable, "-m", "harness", "review", what, *arguments, "--port", "0", "--host", host]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if found := re.search(r"http://\S+", line):
                break
        else:
            raise AssertionError(said)
        yield process, found[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Reader:
    """A browser without rendering: cookies, forms, and every header of the last response."""

    def __init__(self, url: str) -> None:
        self.place = urlsplit(url)
        self.cookies: dict[str, str] = {}
        self.status, self.headers, self.text, self.location = 0, http.client.HTTPMessage(), "", ""

    @property
    def origin(self) -> str:
        return f"http://{self.place.netloc}"

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> str:
        connection = http.client.HTTPConnection(str(self.place.hostname), self.place.port or 80, timeout=30)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in sent.items()})
        response = connection.getresponse()
        self.text = response.read().decode()
        connection.close()
        self.status, self.headers, self.location = (
            response.status,
            response.headers,
            response.headers.get("location", ""),
        )
        for cookie in response.headers.get_all("set-cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return self.text

    def get(self, path: str = "/", **headers: str) -> str:
        return self.ask("GET", path, **headers)

    def post(self, path: str, csrf: str | None = None, origin: str | None = None, **fields: str) -> str:
        token = self.field("csrf") if csrf is None else csrf
        return self.ask(
            "POST", path, urlencode({"csrf": token, **fields}), Origin=self.origin if origin is None else origin
        )

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return found[1] if found else ""

    def enter(self, name: str, kind: str = "person") -> None:
        self.get("/")
        self.post("/enter", name=name, author_kind=kind)
        assert self.status == 303, self.text
        self.get("/")

    def label(self, verdict: str, **fields: str) -> str:
        """Label the task on the page, and open the next."""
        task = self.field("task")
        self.post("/label", task=task, verdict=verdict, **fields)
        assert self.status == 303, self.text
        self.get("/")
        return task
