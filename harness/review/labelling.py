"""Reading, labelling, undoing, settling: what a reviewer does."""

from typing import Any

from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from harness.errors import InputError
from harness.labels.queue import Dispute, disputes, next_task, save, shown_first, taken_back, undo
from harness.labels.records import OF_ONE, OF_TWO, SCALES, Judgement
from harness.review.pages import GUIDELINE, answer_view, facts_view, guideline
from harness.review.visit import Visit


def show_guideline(visit: Visit) -> Response:
    """The guideline, also the first page of a new reviewer."""
    return visit.reader_page("guideline", text=guideline(visit.language))


def _case(visit: Visit, task_id: int) -> dict[str, Any]:
    """Question, answers and facts of a task; nothing of it says who wrote them."""
    task = visit.desk.store.task(task_id)
    item = visit.desk.items[task.item]
    answers = [task.completion] if task.other is None else [task.completion, task.other]
    turned = task.other is not None and shown_first(task_id, visit.reader) == 2
    return {
        "task": task_id,
        "question": item.problem,
        "item_language": item.language,
        "answers": [answer_view(each) for each in (reversed(answers) if turned else answers)],
        "facts": facts_view(item, task.retrieved, visit.desk.knowledge),
        "verdicts": OF_ONE if task.other is None else OF_TWO,
        "scales": SCALES if task.other is None else (),
    }


def home(visit: Visit) -> Response:
    """What this reviewer reads now."""
    reviewer = visit.reader
    task = next_task(visit.desk.store, visit.desk.review.id, reviewer)
    if task is None:
        return visit.reader_page("finished")
    before = taken_back(visit.desk.store, task, reviewer)
    given = {name: getattr(before, name, None) for name in ("verdict", *SCALES, "comment")}
    given["verdict"] = _turn(visit, task, given["verdict"])
    return visit.reader_page("label", given=given, rewrite=_rewrite(visit, task), **_case(visit, task))


def _rewrite(visit: Visit, task_id: int) -> dict[str, Any] | None:
    """Why a correction was refused, and its text to be edited; none in a review of candidates' answers."""
    queue = visit.desk.queue
    if queue is None:
        return None
    task = visit.desk.store.task(task_id)
    think, output = queue.text(task_id, task.completion, visit.reader)
    return {"why": queue.why(task.item, task.completion), "think": think, "output": output}


def _keep_rewrite(visit: Visit, task_id: int) -> None:
    """Store what the reviewer wrote in a correction's place; it counts once the label stands."""
    queue = visit.desk.queue
    if queue is not None and "output" in visit.form:
        task = visit.desk.store.task(task_id)
        think, output = (visit.form.get(name, "").replace("\r\n", "\n").strip() for name in ("think", "output"))
        queue.save(task_id, task.completion, visit.reader, think, output)


def _turn(visit: Visit, task: int, verdict: str | None) -> str | None:
    """First and second are stored as the task holds its answers, and shown as the reader sees them."""
    if verdict in ("first", "second") and shown_first(task, visit.reader) == 2:
        return "second" if verdict == "first" else "first"
    return verdict


def _judgement(visit: Visit) -> tuple[int, Judgement] | None:
    """Task and judgement of a form, or none where it is not one."""
    form = visit.form
    try:
        task = int(form["task"])
        scales = {scale: form.get(scale) or None for scale in SCALES}
        text = form.get("comment", "").replace("\r\n", "\n").strip()
        verdict = _turn(visit, task, form["verdict"])
        return task, Judgement.model_validate({"verdict": verdict, "comment": text, **scales})
    except (KeyError, ValueError, ValidationError):
        return None


def label(visit: Visit) -> Response:
    """Store a label and go on."""
    read = _judgement(visit)
    if read is None:
        return visit.error("bad_label", 400)
    try:
        _keep_rewrite(visit, read[0])
        new = save(
            visit.desk.store,
            visit.desk.review.id,
            read[0],
            visit.reader,
            read[1],
            "reading",
            visit.session,
            GUIDELINE,
        )
    except InputError:
        return visit.error("bad_label", 400)
    return RedirectResponse("/?note=saved" if new else "/?note=twice", 303)


def take_back(visit: Visit) -> Response:
    """Undo the reviewer's last label."""
    last = undo(visit.desk.store, visit.desk.review.id, visit.reader)
    if last is None:
        return RedirectResponse("/?note=nothing_to_undo", 303)
    return RedirectResponse("/?note=undone" if last.role == "reading" else "/adjudicate?note=undone", 303)


def _open_disputes(visit: Visit) -> list[Dispute]:
    return disputes(visit.desk.store.readings(visit.desk.review.id), visit.reader.author_kind)


def adjudicate(visit: Visit) -> Response:
    """The oldest open disagreement."""
    found = _open_disputes(visit)
    if not found:
        return visit.reader_page("no_disputes")
    dispute = found[0]
    readings = [
        {"verdict": _turn(visit, dispute.task, each.verdict), "comment": each.comment} for each in dispute.readings
    ]
    own = any(each.reviewer == visit.reader.name for each in dispute.readings)
    return visit.reader_page("adjudicate", readings=readings, own=own, **_case(visit, dispute.task))


def settle(visit: Visit) -> Response:
    """Store the verdict that settles a disagreement."""
    read = _judgement(visit)
    if read is None or read[0] not in {dispute.task for dispute in _open_disputes(visit)}:
        return visit.error("bad_label", 400)
    judgement = Judgement(verdict=read[1].verdict, comment=read[1].comment)
    save(
        visit.desk.store,
        visit.desk.review.id,
        read[0],
        visit.reader,
        judgement,
        "adjudication",
        visit.session,
        GUIDELINE,
    )
    return RedirectResponse("/adjudicate?note=settled", 303)
