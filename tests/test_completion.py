"""Completion as a shell asks for it: names come from the project's file, quickly, and a broken file is met with silence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem, ShellComplete

from harness.cli import cli

FILE = """
baseline = "base"
tasks = "suites"
evidence = "kept"
unknown_key = "completion does not judge the file"
[models.small]
path = "weights"
[candidates.base]
model = "small"
[candidates.tuned-1]
model = "small"
[candidates.tuned-2]
engine = "recorded"
[candidates."$(touch pwned) x"]
engine = "recorded"
"""
KEYS = {".harness": ("aa11" * 8, "tuned-1"), "kept": ("ab22" * 8, "base")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "harness.toml").write_text(FILE)
    for name in ("trainers/tuned-1.toml", "trainers/nobody.toml", "suites/shop/suite.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for place, (key, name) in KEYS.items():
        folder = tmp_path / place / "runs" / key
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(f'{{\n "version": 1,\n "candidate": {{\n  "name": "{name}",\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _asked(*words: str) -> list[CompletionItem]:
    *before, last = words
    return ShellComplete(cli, {}, "harness", "_HARNESS_COMPLETE").get_completions(before, last)


def _offered(*words: str) -> set[str]:
    return {item.value for item in _asked(*words)}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("gate", ""), {"base", "tuned-1", "tuned-2"}),
        (("gate", "tuned-1", "--baseline", "b"), {"base"}),
        (("compare", "base", "tuned-1", ""), {"tuned-2"}),
        (("train", ""), {"tuned-1"}),
        (("train", "--recipe", "trainers/nobody.toml", "t"), {"tuned-1", "tuned-2"}),
        (("candidates", "add", "new", "--model", ""), {"small"}),
        (("suite", "verify", ""), {"shop"}),
        (("runs", "show", ""), {"aa11aa11aa11", "ab22ab22ab22", "tuned-1", "base"}),
        (("runs", "export", "aa"), {"aa11aa11aa11"}),
        (("runs", "verify", KEYS["kept"][0][:20]), {KEYS["kept"][0][:24]}),
        (("runs", "ex"), {"export"}),
        (("do",), {"doctor"}),
        (("nonsense", "tun"), set()),
    ],
)
def test_names_come_from_the_file(project: Path, words: tuple[str, ...], names: set[str]) -> None:
    assert _offered(*words) == names


def test_what_a_name_is_stands_beside_it(project: Path) -> None:
    assert {item.value: item.help for item in _asked("gate", "t")} == {"tuned-1": "small", "tuned-2": "recorded"}
    assert next(item.help for item in _asked("runs", "show", "aa")) == "tuned-1"


def test_an_option_names_another_file(project: Path) -> None:
    (project / "other.toml").write_text("[candidates.else]\n")
    assert _offered("--config", "other.toml", "gate", "") == {"else"}
    assert _offered("--config", "missing.toml", "gate", "") == set()


@pytest.mark.parametrize(
    "content", [b"[candidates", b"\xff\xfe", b"candidates = 3", b'store = 1\ncandidates.a = "b"', b""]
)
def test_a_broken_file_is_met_with_silence(project: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "harness.toml").write_bytes(content)
    for words in (
        ("gate", "b"),
        ("runs", "show", "b"),
        ("suite", "verify", "b"),
        ("train", "b"),
        ("judge", "run", "b"),
    ):
        assert _offered(*words) <= {"b"}
    assert capfd.readouterr() == ("", "")


def _bash(project: Path, script: str) -> subprocess.CompletedProcess[str]:
    # An installed `harness` is a file that starts this module; which one a shell finds must not depend on the machine.
    (project / "bin").mkdir()
    command = project / "bin" / "harness"
    command.write_text(
        f"#!{sys.executable}\nimport sys\nfrom harness.cli import main\nsys.argv[0] = 'harness'\nmain()\n"
    )
    command.chmod(0o755)
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--norc", "-c", script], cwd=project, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_real_bash_completes_a_candidate_and_runs_nothing_of_its_name(project: Path) -> None:
    done = _bash(
        project,
        'source <(harness completion bash); COMP_WORDS=(harness gate ""); COMP_CWORD=2; '
        '_harness_completion harness; printf "%s\\n" "${COMPREPLY[@]}"; complete -p harness; '
        'COMPREPLY=(); printf "[" > harness.toml; _harness_completion harness; echo "left ${#COMPREPLY[@]}"',
    )
    assert done.stderr == ""
    *names, registered, left = done.stdout.splitlines()
    assert names == ["base", "tuned-1", "tuned-2"]
    assert registered == "complete -o nosort -F _harness_completion harness"
    assert left == "left 0"
    assert not (project / "pwned").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["completion", shell], standalone_mode=False)
    assert f"_HARNESS_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_completing_loads_no_model_library_and_no_statistics(project: Path) -> None:
    code = (
        "import sys\nfrom click.shell_completion import ShellComplete\nfrom harness.cli import cli\n"
        "found = ShellComplete(cli, {}, 'harness', 'X').get_completions(['gate'], 't')\n"
        "print(len(found), *({'torch', 'scipy', 'transformers', 'lm_eval', 'mlflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2\n", "")
