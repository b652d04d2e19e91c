"""Where a model's files lie: an installed package's folder, one of the user's, or the hub's local
copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from attnviz.config import ModelSpec
from attnviz.config.folders import CONVERT, PULL, is_pointer
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
    safe = sorted(folder.glob("*.safetensors"))
    pickled = sorted([*folder.glob("pytorch_model*.bin")])
    if safe or (spec.allow_pickle and pickled):
        return safe or pickled
    advice = "convert them (model.save_pretrained writes safetensors)"
    if pickled:
        raise InputError(
            f"model {spec.name}: source: {folder} has pickled weights only ({pickled[0].name}),"
            f" which can run code when they are opened; {advice}, or set allow_pickle: true if you"
            " trust their author"
        )
    if packed := sorted(folder.glob("*.gguf")):
        raise InputError(
            f"model {spec.name}: source: {folder} has weights in GGUF only ({packed[0].name});"
            f" {CONVERT}"
        )
    raise InputError(
        f"model {spec.name}: source: {folder} has no weights; expected .safetensors files: {advice}"
    )


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
