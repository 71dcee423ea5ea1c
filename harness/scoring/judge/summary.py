"""What a judge's work comes to: verdicts counted, cost, tokens, latency."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from harness.scoring.judge.record import Judgement, by_reply
from harness.scoring.judge.settings import JudgeSettings


@dataclass(frozen=True, slots=True)
class Summary:
    """Judgements of one or more candidates by one judge. Cost counts every reply once, also where equal answers share it.

    ``dollars`` is ``None`` where no prices are known; ``seconds`` are the median and the 95th percentile of a reply.
    """

    judge: str
    models_reported: tuple[str, ...]
    judgements: int
    correct: int
    incorrect: int
    undecided: int
    why_undecided: Mapping[str, int]
    tokens_in: int
    tokens_out: int
    dollars: float | None
    seconds: tuple[float, float] | None

    def sentence(self) -> str:
        """The judge, what it decided and what that took, in one line."""
        money = "" if self.dollars is None else f", ${self.dollars:,.2f}"
        wait = f", {self.seconds[0]:.1f} s a reply (95th percentile {self.seconds[1]:.1f} s)" if self.seconds else ""
        return (
            f"judged by {self.judge}: {self.judgements:,} judgements, {self.undecided:,} undecided, "
            f"{self.tokens_in:,} tokens read and {self.tokens_out:,} written{money}{wait}"
        )


def summarise(judgements: Sequence[Judgement], settings: JudgeSettings) -> Summary:
    """Count and add up."""
    verdicts = Counter(each.verdict for each in judgements)
    replies = [each for each in by_reply(judgements).values() if each.seconds is not None]
    seconds = sorted(each.seconds for each in replies if each.seconds is not None)
    dollars = [each.dollars for each in replies]
    return Summary(
        judge=settings.name,
        models_reported=tuple(sorted({each.model_reported for each in judgements if each.model_reported})),
        judgements=len(judgements),
        correct=verdicts["correct"],
        incorrect=verdicts["incorrect"],
        undecided=verdicts["undecided"],
        why_undecided=dict(Counter(each.why_undecided for each in judgements if each.why_undecided).most_common()),
        tokens_in=sum(each.tokens_in for each in replies),
        tokens_out=sum(each.tokens_out for each in replies),
        dollars=sum(each for each in dollars if each is not None) if settings.prices else None,
        seconds=(median(seconds), seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))]) if seconds else None,
    )
