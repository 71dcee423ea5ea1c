"""Score tables drawn with a known truth, for tests of comparison, gate and ranking."""

import numpy as np

from harness.comparison.table import Grouping, ScoreTable


def table(
    intents: int = 240,
    facts: int = 80,
    domains: int = 8,
    metrics: tuple[str, ...] = ("correct", "politeness"),
    unanswerable: int = 1,
    **candidates: np.ndarray,
) -> ScoreTable:
    """Two rows (id, en) an intent; intents spread evenly over facts and domains; the last domains are unanswerable.

    ``candidates`` hold [rows] of the first metric, or [metrics, rows, samples].
    """
    intent = np.repeat(np.arange(intents), 2)
    domain = intent * domains // intents
    scores = {}
    for name, values in candidates.items():
        full = np.full((len(metrics), intent.size, 1), 0.9)
        full[0, :, 0] = values if values.ndim == 1 else 0
        scores[name] = full if values.ndim == 1 else values
    return ScoreTable(
        metrics=metrics,
        scores=scores,
        intents=intent,
        facts=intent * facts // intents,
        groups={
            "domain": Grouping.of([f"domain{number}" for number in domain]),
            "language": Grouping.of(["id", "en"] * intents),
            "register": Grouping.of(["formal", "chatty", "terse", "slang"] * (intents // 2)),
            "novelty": Grouping.of(["trained", "untrained"] * intents),
        },
        answerable=domain < domains - unanswerable,
        clean={name: np.ones(intent.size, dtype=bool) for name in candidates},
    )


def answers(rows: int, share: float, seed: int = 0) -> np.ndarray:
    """Right or wrong by row."""
    return (np.random.default_rng(seed).random(rows) < share).astype(float)
