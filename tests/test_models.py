"""Base weights made by several processes at once."""

import multiprocessing
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

from harness.candidates.models import prepare_model
from harness.config import load_config
from harness.hashing import sha256_file


def _prepare(project: Path, all_there: Barrier) -> None:
    """Prepare the packaged model with a conversion that ends only when all processes are in theirs."""
    from harness.candidates import gguf

    def convert(source: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(source.read_bytes())
        (folder / "config.json").write_text("{}", encoding="utf-8")
        all_there.wait(30)

    gguf.convert = convert
    sys.path.insert(0, str(project))
    folder = prepare_model("packed", load_config(project / "harness.toml"))
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    all_there.wait(30)
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"}


def test_of_three_conversions_at_once_the_first_serves_all(project: Path) -> None:
    package = project / "packed_model"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "model.gguf").write_bytes(b"weights")
    digest = sha256_file(package / "model.gguf")
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(f'[models.packed]\npackage = "packed_model"\ngguf = "model.gguf"\nsha256 = "{digest}"\n')
    context = multiprocessing.get_context("fork")
    all_there = context.Barrier(3)
    processes = [context.Process(target=_prepare, args=(project, all_there)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
