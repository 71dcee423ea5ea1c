"""When the next call may start: the server's own rate-limit headers and Retry-After, for all workers together."""

import asyncio
import random
import re
import time
from collections.abc import Mapping

_PART = re.compile(r"([\d.]+)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float | None:
    """Seconds of ``6m0s``, ``20ms`` or a bare number; ``None`` where it is neither."""
    try:
        return float(text)
    except ValueError:
        parts = _PART.findall(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait, by ``retry-after-ms`` or ``retry-after`` (seconds; a date is not obeyed exactly)."""
    if (milliseconds := headers.get("retry-after-ms")) is not None and milliseconds.strip().isdigit():
        return int(milliseconds) / 1000
    given = headers.get("retry-after")
    if given is None:
        return None
    seconds = duration(given.strip())
    return seconds if seconds is not None else _until(given)


def _until(date: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except ValueError:
        return None


def backoff(attempt: int, most: float, source: random.Random) -> float:
    """Seconds before try ``attempt`` + 1 (from 0): doubling from one half, each drawn between half and whole."""
    return float(min(most, 0.5 * 2.0**attempt) * source.uniform(0.5, 1.0))


class _Window:
    """Calls or tokens left until a moment, as the server last said; what was sent since then is taken off."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.left: float | None = None
        self.limit = 0.0
        self.reset = 0.0
        self.period = 0.0

    def hear(self, headers: Mapping[str, str], unheard: float, now: float) -> None:
        """Read a reply's headers; ``unheard`` was sent after the call that is answered."""
        left, reset = (headers.get(f"x-ratelimit-{name}-{self.kind}") for name in ("remaining", "reset"))
        seconds = duration(reset) if reset else None
        if left is None or seconds is None or not left.strip().isdigit():
            return
        self.left, self.reset, self.period = int(left) - unheard, now + seconds, max(seconds, self.period)
        limit = headers.get(f"x-ratelimit-limit-{self.kind}", "")
        self.limit = float(limit) if limit.strip().isdigit() else float(left)

    def wait(self, need: float, now: float) -> float:
        """Seconds until ``need`` is free; a need above the whole limit waits for a fresh window and goes."""
        if self.left is None:
            return 0.0
        if now >= self.reset:
            self.left, self.reset = max(self.limit, 1.0), now + max(self.period, 0.05)
        if self.left >= need or (self.left >= self.limit and need > self.limit):
            return 0.0
        return self.reset - now


class Pace:
    """Lets calls start; every worker passes through one of these."""

    def __init__(self) -> None:
        self._closed_until = 0.0
        self._windows = (_Window("requests"), _Window("tokens"))
        self._sent = [0.0, 0.0]

    async def start(self, tokens: int) -> tuple[float, float]:
        """Wait until a call of about ``tokens`` may start; returns a mark to hand to `hear`."""
        needs = (1.0, float(tokens))
        while True:
            now = time.monotonic()
            waits = [window.wait(need, now) for window, need in zip(self._windows, needs, strict=True)]
            pause = max(self._closed_until - now, *waits)
            if pause <= 0:
                break
            await asyncio.sleep(min(pause, 1.0))  # a reply may tell better news meanwhile
        for index, (window, need) in enumerate(zip(self._windows, needs, strict=True)):
            self._sent[index] += need
            if window.left is not None:
                window.left -= need
        return self._sent[0], self._sent[1]

    def hear(self, headers: Mapping[str, str], mark: tuple[float, float], limited: bool) -> None:
        """Take note of a reply's headers; ``limited`` where it was a 429."""
        now = time.monotonic()
        for index, window in enumerate(self._windows):
            window.hear(headers, self._sent[index] - mark[index], now)
        asked = retry_after(headers) if limited else None
        if asked is not None:
            self._closed_until = max(self._closed_until, now + asked)
