"""People's labels of two candidates' runs, from the project's label store, as the gate takes them."""

from collections.abc import Mapping, Sequence
from math import nan

from harness.candidates.candidate import Candidate
from harness.comparison.join import build_table, leaked_items
from harness.comparison.judged import judged_runs
from harness.config import Config
from harness.gate.corrected import PeoplesLabels, labelling
from harness.labels.sample import label_sample
from harness.labels.store import LabelStore
from harness.review.server import labels_path
from harness.runs.store import Run
from harness.scoring.completion import parse
from harness.scoring.judge.labelling import Labelling
from harness.suite.columns import ItemColumns


def peoples_labels(
    candidate: Candidate, baseline: Candidate, runs: tuple[Run, Run], config: Config
) -> PeoplesLabels | None:
    """What people said of the first large enough random sample of both runs; ``None`` where none was drawn or nothing is asked.

    An answer that does not reach the customer (no closed output tags) is not right, whatever its label says.
    """
    path = labels_path(config)
    if config.gate.corrected is None or not path.is_file():
        return None
    sample = label_sample(LabelStore(path), [run.key for run in runs], config.gate.corrected.least_items)
    if sample is None:
        return None
    delivered = [{each.id: bool(parse(each.completion).answer) for each in run.samples()} for run in runs]
    right: dict[tuple[str, str], float] = {}
    for item in sample.order:
        for index, label in enumerate(sample.both(item) or ()):
            name = (candidate.name, baseline.name)[index]
            value = nan if label.verdict == "unsure" else float(label.verdict == "correct")
            right[item, name] = value if delivered[index][item] else 0.0
    return PeoplesLabels(sample.order, right, sample.block)


def labelling_now(
    candidate: Candidate, baseline: Candidate, runs: Mapping[str, Sequence[Run]], items: ItemColumns, config: Config
) -> Labelling | None:
    """Where labelling for the gate stands; ``None`` where no sample is drawn, or the policy asks for none."""
    labels = peoples_labels(candidate, baseline, (runs[candidate.name][0], runs[baseline.name][0]), config)
    if labels is None:
        return None
    primary = config.primary_metric
    leaked = {one.name: found for one in (candidate, baseline) if (found := leaked_items(one, items))}
    judged = judged_runs((candidate, baseline), runs, items, [primary])
    table = build_table(runs, items, [primary], leaked, judged=judged)
    return labelling(table, items.ids(), candidate.name, baseline.name, primary, config.gate, labels)
