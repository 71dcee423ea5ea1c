"""What stands before every page: token, origin of forms, and headers under which no answer can act."""

import hashlib
import hmac
import secrets
from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE_FLAGS = "Path=/; HttpOnly; SameSite=Strict"
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def same(one: str, two: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), two.encode("utf-8", "replace"))


def csrf_token(secret: str) -> str:
    """The token that forms of a session carry; it does not give the secret away."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def pass_of(token: str) -> str:
    """What the cookie keeps of a token: any character may stand in a token, but not in a cookie."""
    return hmac.new(token.encode(), b"pass", hashlib.sha256).hexdigest()


def new_secret() -> str:
    """A secret that cannot be guessed (256 bits)."""
    return secrets.token_urlsafe(32)


def cookie_names(review: str) -> tuple[str, str]:
    """Names of the session's and the token's cookie: cookies do not tell ports apart, so two reviews need two names."""
    return f"review-{review[:8]}-session", f"review-{review[:8]}-token"


def read_cookies(headers: Headers) -> dict[str, str]:
    """Cookies of a request; none where they are malformed."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


class Guard:
    """Middleware: a session secret for every browser, the token where one is set, and headers on every response.

    Sets ``scope["state"]``: ``secret`` of the session and ``admitted``, false where the token is missing. A POST from another
    origin, or from none, is answered with 403 before any page sees it.
    """

    def __init__(self, app: ASGIApp, review: str, token: str | None) -> None:
        self._app, self._token = app, token
        self._session_cookie, self._token_cookie = cookie_names(review)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = read_cookies(headers)
        given = cookies.get(self._session_cookie, "")
        secret = given if len(given) >= 32 else new_secret()
        query = parse_qs(scope["query_string"].decode("latin-1"))
        offered = query.get("token", [""])[0]
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["secret"] = secret
        state["admitted"] = self._token is None or same(cookies.get(self._token_cookie, ""), pass_of(self._token))
        state["fits"] = lambda text: self._token is not None and same(text, self._token)
        state["offered"] = bool(offered) and state["fits"](offered)
        state["token_cookie"] = f"{self._token_cookie}={pass_of(self._token or '')}; {COOKIE_FLAGS}"
        state["session_cookie"] = lambda value: f"{self._session_cookie}={value}; {COOKIE_FLAGS}"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                response = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    response[name] = value
                if secret != given and scope["method"] == "GET" and not scope["path"].startswith("/static/"):
                    response.append("set-cookie", state["session_cookie"](secret))
            await send(message)

        if scope["method"] == "POST" and headers.get("origin") != f"{scope['scheme']}://{headers.get('host')}":
            await send_with_headers(
                {"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]}
            )
            await send({"type": "http.response.body", "body": b"A form is sent from the review's own page only.\n"})
            return
        await self._app(scope, receive, send_with_headers)
