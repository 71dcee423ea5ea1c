"""A stored run as evaluation metadata of a Hugging Face model card (``model-index``)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from harness.errors import InputError
from harness.exchange.lm_eval_results import Scored
from harness.journal import replace_file
from harness.scoring import METRICS
from harness.stats import clustered_mean
from harness.suite.item import Item


def eval_results(
    manifest: Mapping[str, Any], scores: Scored, items: Sequence[Item], metrics: Sequence[str]
) -> list[EvalResult]:
    """One result a metric: mean of intent means, and its 95% interval (t on intents) among the metric's arguments."""
    suite = manifest["suite"]
    intents = [item.intent for item in items]
    found = []
    for name in metrics:
        estimate = clustered_mean([scores[item.id][name] for item in items], intents)
        found.append(
            EvalResult(
                task_type="text-generation",
                dataset_type=suite["name"],
                dataset_name=f"{suite['name']}, {len(items)} rows",
                dataset_split=suite["split"],
                dataset_revision=manifest["scores"]["lock"],
                metric_type=name,
                metric_name=f"{name} ({METRICS[name].better} is better)",
                metric_value=round(estimate.mean, 4),
                metric_args={
                    "low": round(estimate.low, 4),
                    "high": round(estimate.high, 4),
                    "confidence": 0.95,
                    "clustered by": "intent",
                },
            )
        )
    return found


def write_card(path: Path, name: str, results: Sequence[EvalResult]) -> None:
    """Put ``results`` into the model card at ``path``, made if it is not there; all else in it stays.

    Results on other data, splits or locks stay too. Raises `InputError` where the card cannot be read.
    """
    try:
        card = ModelCard.load(path) if path.is_file() else ModelCard(f"---\n{{}}\n---\n\n# {name}\n")
        new = {(each.unique_identifier, each.metric_type) for each in results}
        kept = [old for old in card.data.eval_results or [] if (old.unique_identifier, old.metric_type) not in new]
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: not a model card: {str(error).splitlines()[0]}") from None
    given = card.data.to_dict()
    given.pop("model-index", None)
    named = card.data.model_name or name
    card.data = ModelCardData(**given, model_name=named, eval_results=[*kept, *results])
    try:
        replace_file(path, str(card))
    except OSError as error:
        raise InputError(f"{path}: cannot write ({error.strerror}); name another card") from None
