"""What a suite, an adapter or a base from a stranger may not do; docs/security.md has the threats."""

import ast
import json
from pathlib import Path

import pytest
from conftest import ROOT, Harness

from harness.candidates.candidate import get_candidate
from harness.candidates.models import prepare_model
from harness.config import load_config
from harness.corrections.dataset import Dataset
from harness.data.documents import read_markdown
from harness.data.mail import read_mailbox
from harness.data.tables import read_json
from harness.errors import HarnessError, InputError, IntegrityError
from harness.parsing import parse_json, parse_toml
from harness.scoring.judge.reply import Failure, read_body
from harness.suite.item import Item
from harness.suite.suite import load_suite
from harness.suite.twin import read_changes
from harness.text.lexer import lex
from harness.trainers.methods import load_recipe

SOURCES = [path for name in ("harness", "tasks", "trainers", "reports") for path in (ROOT / name).rglob("*.py")]
FORBIDDEN = {
    "torch.load", "pickle.load", "pickle.loads", "pickle.Unpickler", "pandas.read_pickle", "joblib.load", "numpy.load",
    "np.load", "yaml.load", "yaml.unsafe_load", "marshal.loads", "shelve.open", "eval", "exec", "os.system",
}  # fmt: skip


def test_nothing_here_reads_a_pickle_or_runs_text_or_trusts_remote_code() -> None:
    assert len(SOURCES) > 150
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in FORBIDDEN, f"{path}:{node.lineno}"
                for keyword in node.keywords:
                    assert keyword.arg not in ("trust_remote_code", "allow_pickle", "shell"), f"{path}:{node.lineno}"


@pytest.fixture
def adapted(project: Path) -> Path:
    """The project with a candidate on a local base, both without weights."""
    for name in ("base", "adapter"):
        (project / name).mkdir()
    (project / "base" / "config.json").write_text("{}")
    (project / "adapter" / "adapter_config.json").write_text("{}")
    with (project / "harness.toml").open("a") as file:
        file.write('[models.m]\npath = "base"\n[candidates.tuned]\nmodel = "m"\nadapter = "adapter"\n')
    return project


def test_a_pickled_adapter_is_refused_in_one_line(adapted: Path, harness: Harness) -> None:
    (adapted / "base" / "model.safetensors").write_bytes(b"")
    (adapted / "adapter" / "adapter_model.bin").write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")
    done = harness(adapted, "run", "tuned")
    assert done.returncode == 2
    assert "adapter_model.bin is a pickle" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (adapted / "owned").exists()


def test_a_pickled_base_is_refused(adapted: Path) -> None:
    (adapted / "base" / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(InputError, match=r"no \*.safetensors"):
        prepare_model("m", load_config(adapted / "harness.toml"))


@pytest.mark.parametrize("name", ["../facencial", "/etc", "..", "a/b"])
def test_a_suite_is_named_not_pathed(name: str) -> None:
    with pytest.raises(InputError):
        load_suite(name)


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/b", "..", ".hidden", ""])
def test_a_correction_dataset_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Dataset(tmp_path, name)


@pytest.mark.parametrize("name", ["../x", "a/b", "a\x1b[2J", "a b"])
def test_a_candidate_name_is_no_path(name: str, project: Path, harness: Harness) -> None:
    (project / "new.jsonl").write_text(json.dumps({"id": "pricing-01-id", "output": "x"}))
    done = harness(project, "candidates", "add", name, "--model", "m")
    assert done.returncode == 2
    assert "letters, digits" in done.stderr
    done = harness(project, "import", name, "new.jsonl", "--author-kind", "model", "--source", "s")
    assert done.returncode == 2
    assert not list(project.parent.glob("x*"))


# What fuzzing found, each once.


@pytest.mark.parametrize("text", ["[" * 10_000, "9" * 5_000, '"\\ud800"', b"\xff", b"\xed\xa0\x80"])
def test_json_that_cannot_be_read_is_one_kind_of_error(text: str | bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        parse_json(text)


def test_a_whole_emoji_in_escapes_is_read() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize("text", ["x = " + "[" * 10_000, "x = " + "9" * 5_000, "x = 2026-02-31"])
def test_toml_that_cannot_be_read_is_one_kind_of_error(text: str) -> None:
    import tomllib

    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)


def test_an_error_is_one_line_whatever_it_quotes() -> None:
    assert str(HarnessError("field a\nb\u2028c: wrong")) == "field a b c: wrong"


@pytest.mark.parametrize(
    ("forms", "said"), [([], "at least 1 item"), (["2026-01-01"], "is not one word, number or amount")]
)
def test_a_requirement_without_a_form_that_can_be_read_is_refused(forms: list[str], said: str) -> None:
    (row,) = (ROOT / "tasks/facencial/data/dev/pricing.jsonl").read_text(encoding="utf-8").splitlines()[:1]
    with pytest.raises(ValueError, match=said):
        Item.model_validate({**json.loads(row), "facts_required": [forms]})


def test_a_method_that_is_no_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("method = []")
    with pytest.raises(InputError, match="unknown method"):
        load_recipe(tmp_path / "recipe.toml")


def test_a_change_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "changes.toml").write_text('[facts."a.b"]\n25 = ""\n')
    with pytest.raises(InputError, match="at least 1 character"):
        read_changes(tmp_path / "changes.toml")


def test_a_mail_that_no_program_writes_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "in.mbox"
    path.write_bytes(
        b"From a Mon Jan  1 00:00:00 2024\nFrom: a@b.example\n\nHalo?\n\n"
        b"From b Mon Jan  1 00:00:00 2024\nFrom: :;<>,@\nContent-Type: text/plain; charset=nonsense\n\nBuka?\n"
    )
    assert [bool(record.texts) for record in read_mailbox(path, frozenset())] == [True, False]


def test_markdown_whose_first_line_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "in.md"
    path.write_text("#[] Berapa harganya\n?\n\nRp1979\n" + "[" * 20_000)
    assert list(read_markdown(path))


def test_json_nested_too_deep_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text("[" * 100_000)
    with pytest.raises(InputError, match="nested too deep"):
        list(read_json(path, {}))


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "choices": [{"message": {"content": ["x"]}}]},
        {"model": "m", "choices": [{"message": {"content": "{}"}}], "usage": {"prompt_tokens": "many"}},
        {"model": "m", "choices": [{"message": {"content": "{}"}}], "usage": ["x"]},
    ],
)
def test_a_judge_body_of_the_wrong_shape_is_no_verdict(body: object) -> None:
    assert isinstance(read_body(json.dumps(body), "chat", "m").outcome, Failure)


@pytest.mark.parametrize("manifest", [{}, [], {"suite": "facencial", "split": "train", "rows": 1, "row_ids": 3}])
def test_a_training_manifest_of_the_wrong_shape_is_named(manifest: object, adapted: Path) -> None:
    (adapted / "adapter" / "training.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"training\.json"):
        _ = get_candidate("tuned", load_config(adapted / "harness.toml")).training


@pytest.mark.parametrize("key", ["counts", "files", "facts", "gold", "test_set"])
def test_a_lock_of_the_wrong_shape_is_named(key: str, project: Path) -> None:
    from harness.suite.lock import read_lock
    from harness.suite.suite import Suite

    path = project / "tasks" / "facencial" / "lock.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), key: ["x"]}))
    with pytest.raises(IntegrityError):
        read_lock(Suite("facencial", path.parent))


@pytest.mark.parametrize("part", ["a-", "a.", "a-b.", "a@", "ratus ", "9."])
def test_a_long_answer_is_lexed_in_linear_time(part: str) -> None:
    """In quadratic time this would run for hours."""
    assert lex(part * 50_000) is not None
