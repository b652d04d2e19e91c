"""Where a model's files lie: an installed package's folder, one of the user's, or the hub's local
copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from attnviz.config import ModelSpec
from attnviz.config.folders import ADAPTER_WEIGHTS, CONVERT, PULL, is_pointer
from attnviz.errors import InputError
from attnviz.models.files import names_of_weights
from attnviz.models.hub import Note, Proof, fetch, stored


def locate(spec: ModelSpec, note: Note | None = None) -> Path:
    """The folder that holds the model: an installed package's, one of the user's, or the hub's
    local copy. With `note`, which takes sentences, the hub is asked; without, the copy is taken
    that it gave before."""
    if spec.folder is not None:
        return spec.folder
    return stored(spec) if note is None else fetch(spec, note)


def weight_files(spec: ModelSpec, folder: Path) -> list[Path]:
    """The weights, safetensors before anything else; pickled ones only where the corpus allows
    them. Raises InputError if there are none."""
    safe = sorted(set(folder.glob("*.safetensors")) - {folder / ADAPTER_WEIGHTS})
    pickled = sorted(folder.glob("pytorch_model*.bin"))
    if safe or (spec.allow_pickle and pickled):
        _refuse_renamed(spec, folder, safe or pickled)
        return safe or pickled
    if pickled:
        raise InputError(
            f"model {spec.name}: source: {folder} has pickled weights only ({pickled[0].name}),"
            f" which can run code when they are opened; {_CONVERT_THEM}, or set allow_pickle: true"
            " if you trust their author"
        )
    raise InputError(f"model {spec.name}: source: {folder} has no weights; {_instead(folder)}")


_CONVERT_THEM: Final = "convert them (model.save_pretrained writes safetensors)"


def _refuse_renamed(spec: ModelSpec, folder: Path, files: Sequence[Path]) -> None:
    """Raises InputError if transformers would not find weights by their names."""
    name = "model.safetensors" if files[0].suffix == ".safetensors" else "pytorch_model.bin"
    if not (folder / name).exists() and not (folder / f"{name}.index.json").exists():
        raise InputError(
            f"model {spec.name}: source: {folder} has weights that transformers does not find"
            f" ({files[0].name}); expected {name}, or {name}.index.json that names its parts, as"
            " save_pretrained writes them"
        )


_OF_TRAINING: Final = (
    "is a checkpoint of training; expected the model alone: torch.load, then model.load_state_dict"
    " and model.save_pretrained"
)
_FOREIGN: Final = {
    ".gguf": f"holds weights in GGUF; {CONVERT}",
    ".h5": "is of TensorFlow; expected weights of PyTorch (from_pretrained with from_tf in"
    " transformers 4, then save_pretrained)",
    ".msgpack": "is of Flax; expected weights of PyTorch (from_pretrained with from_flax in"
    " transformers 4, then save_pretrained)",
    ".onnx": "is of ONNX; expected the model that it was exported from",
    ".ckpt": _OF_TRAINING,
    ".pt": _OF_TRAINING,
    ".pth": _OF_TRAINING,
}
"""What files of other kinds are, and what to do about them, by their endings."""
_BESIDE: Final = ("optimizer", "scheduler", "rng_state")
"""How files begin that training saves beside a model."""


def _instead(folder: Path) -> str:
    """What a folder without weights has in their place, and what to do."""
    for file in sorted(folder.iterdir()):
        if file.suffix in _FOREIGN and not file.stem.startswith(_BESIDE):
            return f"{file.name} {_FOREIGN[file.suffix]}"
    return f"expected .safetensors files: {_CONVERT_THEM}"


def refuse_pointers(spec: ModelSpec, folder: Path) -> None:
    """Raises InputError if git left pointers in the folder where git-LFS holds the files."""
    pointers = [file for file in sorted(folder.iterdir()) if file.is_file() and is_pointer(file)]
    if pointers:
        raise InputError(
            f"model {spec.name}: source: {folder}: {pointers[0].name} is a git-LFS pointer; {PULL}"
        )


def refuse_prefix(spec: ModelSpec, files: Iterable[Path]) -> None:
    """Raises InputError if `strip_prefix` stands before no weight's name. Pickled weights are not
    looked into."""
    prefix = spec.strip_prefix
    if prefix is None:
        return
    names = [
        name for file in files if file.suffix == ".safetensors" for name in names_of_weights(file)
    ]
    if names and not any(name.startswith(prefix) for name in names):
        raise InputError(
            f"model {spec.name}: strip_prefix: no weight's name begins with “{prefix}”; the first"
            f" is {min(names)}; expected what stands before all names, or the key to be left out"
        )


def weights_hash(spec: ModelSpec, files: list[Path]) -> str:
    """SHA-256 over the weight files in order of their names, in hexadecimal: which weights a report
    is of. Raises InputError if a file of the hub is not what the hub holds."""
    digest = hashlib.sha256()
    for file in files:
        proof = Proof(file)
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 22):
                digest.update(chunk)
                proof.update(chunk)
        proof.refuse_other(spec, file)
    return digest.hexdigest()
