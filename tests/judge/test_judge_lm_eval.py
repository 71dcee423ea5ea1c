"""``facencial_judge`` under plain lm-eval: judged once over all responses, each judgement kept with its sample."""

import json
from pathlib import Path
from typing import Any

import pytest
from bodies import judged
from scripted_project import judged_by
from server import Script, ScriptedServer

from harness.scoring.judge.record import Judgement
from harness.suite.item import Split
from harness.suite.suite import load_suite

lm_eval = pytest.importorskip("lm_eval")


def test_lm_eval_judges_all_responses_at_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    class Wise(LM):  # type: ignore[misc]
        def generate_until(self, requests: list[Any]) -> list[str]:
            return [answers[request.args[0]] for request in requests]

        loglikelihood = loglikelihood_rolling = generate_until

    items = load_suite("facencial", project / "tasks").items(Split.TEST)
    answers = {item.problem: item.generated_solution for item in items}
    answers[items[0].problem] = "<think>?</think><output>Entahlah.</output>"
    monkeypatch.chdir(project)
    decide = lambda prompt: judged("incorrect" if "Entahlah." in prompt else "correct", 3)  # noqa: E731
    with ScriptedServer(Script(plan=["refusal"], decide=decide, delay=0.1)) as server:
        judged_by(project, server.url, concurrency=8)
        for _ in range(2):  # the second time everything is stored
            found = lm_eval.simple_evaluate(
                model=Wise(),
                tasks=["facencial_judge"],
                task_manager=TaskManager(include_path=str(project / "tasks"), include_defaults=False),
                log_samples=True,
                bootstrap_iters=0,
            )
        assert len(server.script.asked) == len(items) == 8
        assert server.script.most_at_once > 2
    results = found["results"]["facencial_judge"]
    samples = found["samples"]["facencial_judge"]
    kept = [Judgement.model_validate_json(sample["filtered_resps"][0]) for sample in samples]
    by_item = {each.item: each for each in kept}
    assert set(by_item) == {item.id for item in items}
    undecided = [each for each in kept if each.verdict == "undecided"]
    assert [each.why_undecided for each in undecided] == ["the judge refused: I cannot help with that."]
    right = sum(each.verdict == "correct" for each in kept)
    assert results["judge_correct,judge"] == pytest.approx(right / 8)
    assert results["judge_undecided,judge"] == pytest.approx(1 / 8)
    assert results["judge_clarity,judge"] == pytest.approx(0.5 * 7 / 8)
    assert right in (6, 7)  # the refusal may have met the wrong answer
    assert json.loads(samples[0]["doc"]["item"])["id"] in by_item
