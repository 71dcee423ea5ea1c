"""A judge's judgements of the compared runs, where one judge has judged them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.candidates.candidate import Candidate
from harness.errors import InputError, IntegrityError
from harness.hashing import sha256_json
from harness.runs.store import Run
from harness.scoring.judge.metrics import JUDGE_METRICS, judge_scores
from harness.scoring.judge.record import Judgement, judgement_file, read_judgements
from harness.scoring.judge.summary import summarise
from harness.suite.columns import ItemColumns

Scores = Mapping[str, float | None]


@dataclass(frozen=True)
class Judged:
    """``scores`` by run key and item, and ``judge``: who judged, at what cost, in words."""

    judge: str = "no judge ran"
    scores: Mapping[str, Mapping[str, Scores]] = field(default_factory=dict)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The judge's metrics, where there are any."""
        return tuple(JUDGE_METRICS) if self.scores else ()


NO_JUDGE = Judged()


def judged_runs(
    candidates: Sequence[Candidate], runs: Mapping[str, Sequence[Run]], items: ItemColumns, metrics: Sequence[str]
) -> Judged:
    """Judgements by the judge of ``harness.toml``; `NO_JUDGE` where it has not judged every run and no metric asks for it.

    Raises `InputError` where a metric asks for judgements that are not there, and `IntegrityError` where a judgement is of
    another answer than the stored one.
    """
    every = [run for samples in runs.values() for run in samples]
    missing: tuple[Run, str] | None = None
    for settings in candidates[0].config.judge.variants():
        found: dict[str, list[Judgement]] = {}
        for run in every:
            stored = read_judgements(judgement_file(run.folder, settings.digest))
            lock = run.manifest()["scores"]["lock"] if stored else None
            ids = items.ids() if stored else []
            usable = [each for item in ids if (each := stored.get(item)) is not None and each.lock == lock]
            if len(usable) < len(items):
                missing = missing or (run, settings.name)
                break
            found[run.key] = usable
        else:
            for run in every:
                _check_answers(run, found[run.key])
            all_of_them = [each for judgements in found.values() for each in judgements]
            scores = {key: {each.item: judge_scores(each) for each in rows} for key, rows in found.items()}
            return Judged(summarise(all_of_them, settings).sentence(), scores)
    asked = next((metric for metric in metrics if metric in JUDGE_METRICS), None)
    if asked and missing:
        run, judge = missing
        name, split = run.manifest()["candidate"]["name"], run.manifest()["suite"]["split"]
        raise InputError(
            f"{asked}: {judge} has not judged all answers of {name} as the suite stands; run: harness judge run {name} --split {split}"
        )
    return NO_JUDGE


def _check_answers(run: Run, judgements: Sequence[Judgement]) -> None:
    answers = {sample.id: sample.completion for sample in run.samples()}
    for each in judgements:
        if each.answer_sha256 != sha256_json(answers[each.item]):
            raise IntegrityError(
                f"{judgement_file(run.folder, each.judge)}: {each.item} was judged by another answer than the stored one; "
                "remove the file and judge again"
            )
