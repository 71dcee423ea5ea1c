"""The application: routes, who may enter, and in which language."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from harness.errors import HarnessError, InputError
from harness.labels.queue import progress
from harness.review import labelling
from harness.review.pages import FOLDER, LANGUAGES, words
from harness.review.security import COOKIE_FLAGS, Guard, csrf_token, new_secret, same
from harness.review.visit import LANGUAGE_COOKIE, Desk, Visit, language_of, read_form
from harness.suite.item import AuthorKind

Handler = Callable[[Visit], Response]


def create_app(desk: Desk) -> Starlette:
    """The application. Without a token it answers to the names of this machine alone."""
    middleware = [Middleware(Guard, review=desk.review.id, token=desk.token)]
    if desk.token is None:
        middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]))
    routes = [
        Route("/", _endpoint(labelling.home)),
        Route("/guideline", _endpoint(labelling.show_guideline)),
        Route("/adjudicate", _endpoint(labelling.adjudicate)),
        Route("/token", _endpoint(_token, entered=False), methods=["POST"]),
        Route("/enter", _endpoint(_enter, entered=False), methods=["POST"]),
        Route("/leave", _endpoint(_leave), methods=["POST"]),
        Route("/language", _endpoint(_language, entered=False), methods=["POST"]),
        Route("/label", _endpoint(labelling.label), methods=["POST"]),
        Route("/settle", _endpoint(labelling.settle), methods=["POST"]),
        Route("/undo", _endpoint(labelling.take_back), methods=["POST"]),
        Mount("/static", StaticFiles(directory=FOLDER / "static")),
    ]
    app = Starlette(
        routes=routes, middleware=middleware, exception_handlers={HTTPException: _no_page, HarnessError: _not_stored}
    )
    app.state.desk = desk
    return app


def _endpoint(handler: Handler, entered: bool = True) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler: token, form token, reviewer; the store is used in a worker thread."""

    async def endpoint(request: Request) -> Response:
        form = await read_form(request) if request.method == "POST" else {}
        return await run_in_threadpool(_handle, handler, request, form, entered)

    return endpoint


def _handle(handler: Handler, request: Request, form: Mapping[str, str], entered: bool) -> Response:
    desk: Desk = request.app.state.desk
    found = desk.store.session(request.state.secret) if request.state.admitted else None
    session, reviewer = found or (None, None)
    visit = Visit(desk, request, language_of(request), session, reviewer, form)
    if request.method == "POST" and not same(form.get("csrf", ""), csrf_token(request.state.secret)):
        return visit.error("bad_form", 403)
    if not request.state.admitted and handler not in (_token, _language):
        if request.state.offered and request.method == "GET":
            return _admit(visit)
        return visit.page("token", 401)
    if entered and reviewer is None:
        return RedirectResponse("/", 303) if request.url.path != "/" else _welcome(visit)
    return handler(visit)


async def _no_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    visit = Visit(request.app.state.desk, request, language_of(request), None, None, {})
    return visit.error("no_page" if status in (404, 405) else "bad_form", status)


async def _not_stored(request: Request, error: Exception) -> Response:
    """A full disk or a locked store: the reader must know that the last label is not stored."""
    visit = Visit(request.app.state.desk, request, language_of(request), None, None, {})
    return visit.page("message", 503, error=str(error))


def _admit(visit: Visit) -> Response:
    """Keep the token in a cookie. The page goes on by itself: after a redirect a strict cookie would not be sent."""
    response = visit.page("admitted")
    response.headers.append("set-cookie", visit.request.state.token_cookie)
    name = visit.request.query_params.get("name")
    response.headers["refresh"] = f"0; url=/?name={quote(name)}" if name else "0; url=/"
    return response


def _token(visit: Visit) -> Response:
    if visit.request.state.fits(visit.form.get("token", "").strip()):
        return _admit(visit)
    return visit.page("token", 401, error=words(visit.language)["token_wrong"])


def _welcome(visit: Visit, error: str | None = None) -> Response:
    message = words(visit.language)[error] if error else None
    name = visit.form.get("name", visit.request.query_params.get("name", ""))
    return visit.page("welcome", 400 if error else 200, name=name[:60], error=message)


def _enter(visit: Visit) -> Response:
    name, kind = " ".join(visit.form.get("name", "").split()), visit.form.get("author_kind")
    if not 1 <= len(name) <= 60 or not name.isprintable():
        return _welcome(visit, "bad_name")
    if kind not in ("person", "model"):
        return _welcome(visit, "bad_kind")
    try:
        reviewer = visit.desk.store.enter(name, cast(AuthorKind, kind))
    except InputError:
        return _welcome(visit, "wrong_kind")
    secret = new_secret()
    visit.desk.store.open_session(reviewer, secret)
    begun = progress(visit.desk.store, visit.desk.review.id, reviewer).done > 0
    response = RedirectResponse("/" if begun else "/guideline", 303)
    response.headers.append("set-cookie", visit.request.state.session_cookie(secret))
    return response


def _leave(visit: Visit) -> Response:
    response = RedirectResponse("/", 303)
    response.headers.append("set-cookie", visit.request.state.session_cookie(new_secret()))
    return response


def _language(visit: Visit) -> Response:
    chosen = visit.form.get("language")
    back = visit.form.get("back", "/")
    response = RedirectResponse(back if back in ("/", "/guideline", "/adjudicate") else "/", 303)
    if chosen in LANGUAGES:
        response.headers.append("set-cookie", f"{LANGUAGE_COOKIE}={chosen}; Max-Age=31536000; {COOKIE_FLAGS}")
    return response
