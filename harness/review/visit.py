"""One request to the review: who asks, in which language, and what every page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from harness.labels.queue import disputes, progress
from harness.labels.records import Review, Reviewer
from harness.labels.store import LabelStore
from harness.review.pages import LANGUAGES, Language, render, words
from harness.review.security import csrf_token
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

if TYPE_CHECKING:
    from harness.corrections.queue import Queue

LARGEST_FORM = 64_000
LANGUAGE_COOKIE = "review-language"
NOTES = ("saved", "undone", "nothing_to_undo", "twice", "settled")


@dataclass(frozen=True)
class Desk:
    """One review being served: its store, items by id, knowledge base, and the token where one is wanted.

    ``queue`` where it is a queue of refused corrections, which readers may rewrite.
    """

    store: LabelStore
    review: Review
    items: Mapping[str, Item]
    knowledge: KnowledgeBase
    token: str | None = None
    queue: "Queue | None" = None


@dataclass(frozen=True)
class Visit:
    """One request: who asks, in which language, with which session."""

    desk: Desk
    request: Request
    language: Language
    session: int | None
    reviewer: Reviewer | None
    form: Mapping[str, str]

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page with what all pages show."""
        note = self.request.query_params.get("note")
        shared: dict[str, Any] = {
            "csrf": csrf_token(self.request.state.secret), "note": note if note in NOTES else None, "error": None,
            "reviewer": self.reviewer, "path": self.request.url.path, "pair": self.desk.review.kind == "pair",
            "admitted": self.request.state.admitted,
        }  # fmt: skip
        return HTMLResponse(render(template, self.language, **{**shared, **values}), status)

    def reader_page(self, template: str, **values: Any) -> Response:
        """A page of a reviewer: with their progress and the number of open disagreements."""
        reviewer, store, review = self.reader, self.desk.store, self.desk.review.id
        open_disputes = len(disputes(store.readings(review), reviewer.author_kind))
        return self.page(template, progress=progress(store, review, reviewer), disputes=open_disputes, **values)

    @property
    def reader(self) -> Reviewer:
        """The reviewer, on pages that are shown to no one else."""
        assert self.reviewer is not None
        return self.reviewer

    def error(self, key: str, status: int) -> Response:
        """A page that says what is wrong."""
        return self.page("message", status, error=words(self.language)[key])


async def read_form(request: Request) -> dict[str, str]:
    """Fields of a form. Raises HTTPException 413 or 400 where it is too large or not one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=30))
    except ValueError:
        raise HTTPException(400) from None


def language_of(request: Request) -> Language:
    """The language chosen, else the one the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return "id" if request.headers.get("accept-language", "").lower().startswith("id") else "en"
