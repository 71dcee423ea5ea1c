"""Bodies of replies as the Responses and Chat Completions APIs give them."""

from typing import Any


def judged(verdict: str = "correct", score: int = 4, reasoning: str = "sound") -> dict[str, Any]:
    graded = {"reason": "It says “Halo”.", "score": score}
    return {
        "verdict_reason": "It says “Halo”.",
        "verdict": verdict,
        **{scale: graded for scale in ("politeness", "conciseness", "clarity")},
        "reasoning_reason": "It says “?”.",
        "reasoning": reasoning,
    }


def usage(api: str, tokens_in: int = 1000, tokens_out: int = 200) -> dict[str, Any]:
    names = ("input", "output") if api == "responses" else ("prompt", "completion")
    return dict(zip((f"{name}_tokens" for name in names), (tokens_in, tokens_out), strict=True))


def body_of(api: str, model: str, text: str, **changes: Any) -> dict[str, Any]:
    """A reply's body as the API gives it."""
    if api == "responses":
        part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
        if "refusal" in changes:
            part = {"type": "refusal", "refusal": changes["refusal"]}
        reason = changes.get("incomplete")
        return {
            "id": "resp_1", "object": "response", "model": model, "status": "incomplete" if reason else changes.get("status", "completed"),
            "incomplete_details": {"reason": reason} if reason else None,
            "error": {"message": "the model broke down"} if changes.get("status") == "failed" else None,
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]},
            ],
            "usage": usage(api),
        }  # fmt: skip
    finish = {"max_output_tokens": "length", "content_filter": "content_filter"}.get(
        changes.get("incomplete", ""), "stop"
    )
    message = {
        "role": "assistant",
        "content": None if "refusal" in changes else text,
        "refusal": changes.get("refusal"),
    }
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "model": model, "usage": usage(api),
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
    }  # fmt: skip


def prompt_of(request: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in request.get("input") or request["messages"])


def uploaded(content_type: str, body: bytes) -> bytes:
    """The file in a multipart upload."""
    mark = b"--" + content_type.partition("boundary=")[2].strip('"').encode()
    part = next(part for part in body.split(mark) if b'name="file"' in part)
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
