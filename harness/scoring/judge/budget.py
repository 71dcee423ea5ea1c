"""What judging will cost, estimated before the first call, and the budget that a call is held against before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.scoring.judge.cache import Cost
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.settings import JudgeSettings

BYTES_PER_TOKEN = 3.5
"""Of mixed Indonesian and English text with JSON; for the estimate alone."""
OVERHEAD_TOKENS = 400
"""The schema and the frame of a request."""
USUAL_REPLY_TOKENS = 350


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calls to make and what they will take: ``likely`` by rule of thumb, ``most`` if every reply is as long as allowed."""

    judgements: int
    kept: int
    calls: int
    likely: Cost
    most: Cost
    priced: bool
    what: str = "judgements"

    def sentence(self) -> str:
        """One line for the terminal, before the first call."""
        head = f"{self.judgements} {self.what}: {self.kept} stored, {self.calls} to ask"
        if not self.calls:
            return f"{head}."
        money = f", about ${self.likely.dollars:,.2f} (at most ${self.most.dollars:,.2f})" if self.priced else ""
        return f"{head}, about {self.likely.tokens:,} tokens (at most {self.most.tokens:,} without retries){money}."


def worst(settings: JudgeSettings, question: Question, batch: bool = False) -> Cost:
    """The most a call can take: a token is at least a byte, and a reply ends at ``max_output_tokens``."""
    tokens_in = len(question.instructions.encode()) + len(question.item.encode()) + OVERHEAD_TOKENS
    return _cost(settings, tokens_in, settings.max_output_tokens, batch)


def likely_tokens(question: Question) -> int:
    """About how many tokens a question is read as."""
    return (
        round((len(question.instructions.encode()) + len(question.item.encode())) / BYTES_PER_TOKEN) + OVERHEAD_TOKENS
    )


def used(settings: JudgeSettings, tokens_in: int, tokens_out: int, cached: int, batch: bool = False) -> Cost:
    """What a reply took, by the usage it reports."""
    dollars = settings.prices.dollars(tokens_in, tokens_out, cached, batch) if settings.prices else 0.0
    return Cost(tokens_in + tokens_out, dollars)


def estimate(
    settings: JudgeSettings, judgements: int, kept: int, questions: Sequence[Question], batch: bool = False
) -> Estimate:
    """What asking ``questions`` will take."""
    likely = [
        _cost(settings, likely_tokens(one), min(USUAL_REPLY_TOKENS, settings.max_output_tokens), batch)
        for one in questions
    ]
    most = [worst(settings, one, batch) for one in questions]
    return Estimate(judgements, kept, len(questions), _sum(likely), _sum(most), settings.prices is not None)


def _cost(settings: JudgeSettings, tokens_in: int, tokens_out: int, batch: bool) -> Cost:
    return used(settings, tokens_in, tokens_out, 0, batch)


def _sum(costs: Sequence[Cost]) -> Cost:
    return Cost(sum(cost.tokens for cost in costs), sum(cost.dollars for cost in costs))
