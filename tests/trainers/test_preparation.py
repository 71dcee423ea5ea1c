"""What a trainer reads equals what is asked at inference, and only the answer bears loss."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.candidates.candidate import Candidate, get_candidate
from harness.candidates.models import prepare_model
from harness.config import load_config
from harness.errors import InputError
from harness.suite.item import Split
from harness.trainers.methods import load_recipe
from harness.trainers.prepare import IGNORED, Prepared, length_report, load_tokenizer, prepare
from harness.trainers.rows import training_rows

ROOT = Path(__file__).parents[2]
RECIPE = "learning_rate = 1e-3\nepochs = 1\n"
BASES = ("smollm2-135m", "gemma-3-270m")


def add_candidate(project: Path, name: str, model: str, **keys: str) -> Candidate:
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(f'[candidates.{name}]\nmodel = "{model}"\nadapter = "adapters/{name}"\n')
        file.write("".join(f"{key} = {value}\n" for key, value in keys.items()))
    return get_candidate(name, load_config(project / "harness.toml"))


def prepared_for(candidate: Candidate, project: Path, recipe: str = RECIPE) -> Prepared:
    path = project / "recipe.toml"
    path.write_text(recipe, encoding="utf-8")
    settings = load_recipe(path)
    return prepare(candidate, settings, training_rows(candidate, settings))


def untrained(candidate: Candidate) -> Candidate:
    """The candidate as it is asked, before it has an adapter."""
    return replace(candidate, settings=candidate.settings.model_copy(update={"adapter": None}))


@pytest.fixture
def on_base(project: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Candidate:
    """A candidate on a model of the base's kind with its real tokenizer and tiny random weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    base = request.param
    config = load_config(ROOT / "harness.toml")
    package = config.models[base].package
    if package is None or find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    source, folder = prepare_model(base, config), tmp_path / "base"
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    shape = AutoConfig.from_pretrained(source)
    small: dict[str, Any] = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 8, "layer_types": None}  # fmt: skip
    shape = type(shape)(**{**shape.to_dict(), **small})
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(shape).save_pretrained(folder)
    keys = {"system_prompt": '"tasks/facencial/prompts/service.txt"'}
    if base == "gemma-3-270m":
        keys["chat_template"] = f'"{ROOT / "trainers/templates/plain.jinja"}"'
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write('[models.small]\npath = "base"\n')
    return add_candidate(project, "fresh", "small", **keys)


@pytest.mark.parametrize("on_base", BASES, indirect=True)
def test_engine_trl_and_trainer_make_the_same_tokens(on_base: Candidate, project: Path) -> None:
    from datasets import Dataset
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    from harness.engines.hf import HuggingFaceEngine

    prepared = prepared_for(on_base, project)
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(prepared.folder),
        processing_class=prepared.tokenizer,
        train_dataset=Dataset.from_list(prepared.examples),
        args=SFTConfig(
            output_dir=str(project / "out"), completion_only_loss=True, report_to=[], use_cpu=True, bf16=False
        ),
    )
    assert [row["input_ids"] for row in trainer.train_dataset] == [row["input_ids"] for row in prepared.tokens]
    assert [row["labels"] for row in trainer.train_dataset] == [row["labels"] for row in prepared.tokens]

    engine = HuggingFaceEngine(untrained(on_base))
    for prompt, row in zip(engine.render(prepared.items), prepared.tokens, strict=True):
        asked = engine._lm.tok_batch_encode([prompt])[0][0].tolist()
        assert asked == row["input_ids"][: row["labels"].count(IGNORED)]


@pytest.mark.parametrize("on_base", BASES, indirect=True)
def test_only_the_answer_bears_loss_and_it_is_ended(on_base: Candidate, project: Path) -> None:
    prepared = prepared_for(on_base, project)
    for item, row in zip(prepared.items, prepared.tokens, strict=True):
        learned = prepared.tokenizer.decode([label for label in row["labels"] if label != IGNORED])
        assert learned.startswith(item.generated_solution)
        end = learned.removeprefix(item.generated_solution).strip()
        assert end == prepared.tokenizer.eos_token


def test_an_open_book_candidate_is_trained_on_the_entries_it_will_read(tiny_project: Path) -> None:
    from harness.engines.hf import HuggingFaceEngine

    reading = add_candidate(tiny_project, "reading", "tiny", retrieval="{ top = 3 }")
    prepared = prepared_for(reading, tiny_project)
    engine = HuggingFaceEngine(untrained(reading))
    for prompt, example in zip(engine.render(prepared.items), prepared.examples, strict=True):
        assert example["prompt"][-1]["content"].count("\n- ") == 3
        assert example["prompt"][-1]["content"] in prompt


def test_a_candidate_that_is_shown_examples_is_trained_on_them(tiny_project: Path) -> None:
    from harness.engines.hf import HuggingFaceEngine

    topics = [
        {"topic": f"t{number}", "domain": "pricing", "language": language, "answerable": "out_of_scope",
         "facts": ["answer.declined"], "questions": [f"kota {number} city"],
         "answers": [{"think": "?", "output": f"No {number}."}], "author_kind": "model", "author": "test"}
        for number in range(2)
        for language in ("id", "en")
    ]  # fmt: skip
    (tiny_project / "topics").mkdir()
    (tiny_project / "topics/t.jsonl").write_text("".join(json.dumps(topic) + "\n" for topic in topics))
    shown = add_candidate(tiny_project, "shown", "tiny", examples='{ top = 2, folder = "topics" }')
    prepared = prepared_for(shown, tiny_project)
    engine = HuggingFaceEngine(untrained(shown))
    for prompt, example in zip(engine.render(prepared.items), prepared.examples, strict=True):
        turns = [turn["content"] for turn in example["prompt"]]
        assert len(turns) == 5
        assert all(turn in prompt for turn in turns)


def test_packed_rows_keep_their_labels_and_do_not_see_each_other(tiny_project: Path) -> None:
    import torch
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from harness.trainers.adapters import load_base, lora_config

    recipe = RECIPE + "packing = true\nbatch_size = 1\n"
    prepared = prepared_for(get_candidate("first", load_config(tiny_project / "harness.toml")), tiny_project, recipe)
    settings = load_recipe(tiny_project / "recipe.toml")
    trainer = SFTTrainer(
        model=load_base(prepared.folder, settings), processing_class=prepared.tokenizer, peft_config=lora_config(settings),
        train_dataset=Dataset.from_list(prepared.tokens),
        args=SFTConfig(output_dir=str(tiny_project / "out"), packing=True, max_length=1024, per_device_train_batch_size=1,
                       report_to=[], use_cpu=True, bf16=False),
    )  # fmt: skip
    batch = next(iter(trainer.get_train_dataloader()))
    starts = (batch["position_ids"][0] == 0).nonzero().flatten().tolist()
    assert len(starts) > 1
    rows = {tuple(row["input_ids"]): row["labels"] for row in prepared.tokens}
    model = trainer.model.eval()
    with torch.no_grad():
        packed = model(input_ids=batch["input_ids"], position_ids=batch["position_ids"]).logits[0]
        for start, end in zip(starts, [*starts[1:], batch["input_ids"].shape[1]], strict=True):
            ids = batch["input_ids"][0, start:end]
            if tuple(ids.tolist()) not in rows:
                continue  # padding at the end
            assert batch["labels"][0, start + 1 : end].tolist() == rows[tuple(ids.tolist())][1:]
            alone = model(input_ids=ids[None]).logits[0]
            assert torch.allclose(packed[start:end], alone, atol=1e-4)


def test_the_length_report_counts_tokens() -> None:
    assert length_report([5, 7, 9, 1000]) == (
        "4 rows, 1,021 tokens: 5 to 1000 a row, half up to 9, 95% up to 1000; 0 truncated"
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% for m in messages %}{{ m.content }}{% endfor %}", "has no generation prompt"),
        (
            "{% for m in messages %}{{ m.content }} {% endfor %}{% if add_generation_prompt %}=>{% endif %}",
            "training and inference would differ",
        ),
        (
            "{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}{% if add_generation_prompt %}>{% endif %}",
            "does not write the whole answer",
        ),
    ],
)
def test_templates_that_part_training_from_inference_are_refused(tiny_project: Path, template: str, said: str) -> None:
    (tiny_project / "bad.jinja").write_text(template, encoding="utf-8")
    candidate = add_candidate(tiny_project, "bad", "tiny", chat_template='"bad.jinja"')
    with pytest.raises(InputError, match=said):
        prepared_for(candidate, tiny_project)


def test_a_base_without_a_template_is_named_with_one_that_would_do(tiny_project: Path, tiny_model: Path) -> None:
    import shutil

    bare = tiny_project / "bare"
    shutil.copytree(tiny_model, bare)
    (bare / "chat_template.jinja").unlink()
    with (tiny_project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write('[models.bare]\npath = "bare"\n')
    candidate = add_candidate(tiny_project, "bad", "bare")
    with pytest.raises(InputError, match=r"bare has no chat template; give one: .*plain\.jinja"):
        load_tokenizer(candidate, bare)


def test_long_rows_are_named(tiny_project: Path) -> None:
    candidate = get_candidate("first", load_config(tiny_project / "harness.toml"))
    with pytest.raises(InputError, match=r"training rows are over 64 tokens: \S+ \(\d+\)"):
        prepared_for(candidate, tiny_project, RECIPE + "max_length = 64\n")


def test_a_recipe_that_needs_a_gpu_says_so_on_a_cpu(tiny_project: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    candidate = get_candidate("first", load_config(tiny_project / "harness.toml"))
    with pytest.raises(InputError, match="needs a GPU and PyTorch finds none"):
        prepared_for(candidate, tiny_project, RECIPE + "needs_gpu = true\n")


def test_an_empty_split_is_named(tiny_project: Path) -> None:
    for path in (tiny_project / "tasks/facencial/data/train").glob("*.jsonl"):
        path.unlink()
    candidate = get_candidate("first", load_config(tiny_project / "harness.toml"))
    assert not candidate.suite.has(Split.TRAIN)
    with pytest.raises(InputError, match="train: no items; add one"):
        prepared_for(candidate, tiny_project)


def test_a_missing_base_is_named(tiny_project: Path) -> None:
    with (tiny_project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write('[models.gone]\npath = "gone"\n')
    candidate = add_candidate(tiny_project, "bad", "gone")
    with pytest.raises(InputError, match=r"model gone: .*holds no model"):
        prepared_for(candidate, tiny_project)
