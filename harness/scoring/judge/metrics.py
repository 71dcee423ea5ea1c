"""A judge's verdicts as metrics of the comparison: 0 to 1, ``None`` where it did not decide."""

from collections.abc import Mapping

from harness.scoring.judge.record import Judgement
from harness.scoring.judge.reply import SCALES
from harness.scoring.metric import Metric

JUDGE_METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("judge_correct", "higher", "right by the judge, inside <output> tags"),
        *(Metric(f"judge_{scale}", "higher", f"{scale} by the judge, grades 1 to 5 as 0 to 1") for scale in SCALES),
    )
}


def judge_scores(judgement: Judgement) -> dict[str, float | None]:
    """The metrics of a judgement. As with `correct`, an answer the customer does not get is not right."""
    right: float | None = float(judgement.verdict == "correct" and judgement.delivered)
    if judgement.verdict == "undecided":
        right = None
    grades = judgement.scales.model_dump() if judgement.scales else {}
    scales = {f"judge_{scale}": (grades[scale] - 1) / 4 if scale in grades else None for scale in SCALES}
    return {"judge_correct": right, **scales}
