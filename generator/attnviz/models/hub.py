"""Models of the Hugging Face hub: fetched with a word of what is awaited and an end to waiting, and
proved by the digest that the hub gives of each file.

The hub's client keeps a file under its ETag: the SHA-256 of large ones, Git's SHA-1 of others. It
compares sizes alone, and waits without limit for a first answer.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attnviz.config import ModelSpec
from attnviz.errors import InputError
from attnviz.models.foreign import first_line

Note = Callable[[str], None]

ANSWER: Final = 30.0
"""Seconds in which the hub has to answer at all."""
PATIENCE: Final = 120.0
"""Seconds in which a download that has begun has to go on."""
_WORD: Final = 10.0
"""Seconds from one line of progress to the next."""


def stored(spec: ModelSpec) -> Path:
    """The folder of a model that was fetched before. Raises InputError if there is none."""
    try:
        return _snapshot(spec, local_files_only=True)
    except Exception as error:  # the hub's client raises many classes, none of them ours
        raise _unreachable(spec, first_line(error)) from error


def fetch(spec: ModelSpec, note: Note) -> Path:
    """The local copy of a model of the hub, downloaded where there is none. Raises InputError if
    the hub cannot be reached, does not answer, or stops in the middle. `note` takes sentences."""
    download = _Download(spec)
    fault = _wait(download, spec, note)
    if fault is None:
        if download.error is not None:
            raise _unreachable(spec, first_line(download.error)) from download.error
        return download.folder
    try:
        folder = stored(spec)
    except InputError:
        raise _unreachable(spec, fault) from None
    note(f"model {spec.name}: {fault}; its copy in the cache is taken as it is")
    return folder


class _Download(threading.Thread):
    """A download in a thread that may be left behind: a call of the client's that gets no answer
    never returns."""

    folder: Path

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(daemon=True)
        self.spec = spec
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.folder = _snapshot(self.spec)
        except Exception as error:
            self.error = error


def _wait(download: _Download, spec: ModelSpec, note: Note) -> str | None:
    """Wait for a download and say how it stands. Returns why it is given up; None if it ended."""
    before = size = _size(spec)
    told = last = time.monotonic()
    while True:
        download.join(0.5)
        now, bytes_now = time.monotonic(), _size(spec)
        if not download.is_alive():
            return None
        if bytes_now != size:
            size, last = bytes_now, now
        if now - last > (ANSWER if size == before else PATIENCE):
            end = "has not answered" if size == before else "has sent nothing"
            return f"the Hugging Face hub ({_endpoint()}) {end} for {now - last:.0f} s"
        if now - told >= _WORD:
            told = now
            progress = (
                f"waiting for the Hugging Face hub ({_endpoint()}) to answer;"
                " HF_HUB_OFFLINE=1 takes what the cache has"
                if size == before
                else f"downloading {spec.source}: {(size - before) / 1e6:,.0f} MB so far"
            )
            note(f"model {spec.name}: {progress}")


def _snapshot(spec: ModelSpec, **options: Any) -> Path:
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
    patterns += ["*.py"] if spec.trust_remote_code else []
    patterns += ["*.bin"] if spec.allow_pickle else []
    revision = spec.revision
    folder = snapshot_download(spec.source, revision=revision, allow_patterns=patterns, **options)
    return Path(folder)


def _endpoint() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def _size(spec: ModelSpec) -> int:
    """Bytes of a model's files in the hub's cache, whole or not."""
    from huggingface_hub import constants

    root = Path(constants.HF_HUB_CACHE, f"models--{spec.source.replace('/', '--')}", "blobs")
    try:
        return sum(entry.stat().st_size for entry in os.scandir(root))
    except OSError:  # there is none yet, or a file has just got its name
        return 0


def _unreachable(spec: ModelSpec, reason: str) -> InputError:
    return InputError(
        f"model {spec.name}: source: cannot get {spec.source} from the Hugging Face hub"
        f" ({reason}); check the name and the network, or give a folder that holds the model"
    )


# ---- proof


class Proof:
    """A file of the hub's cache, proved as it is read: `update` with all of its bytes, then
    `refuse_other`. A file from elsewhere has no digest to be proved by."""

    def __init__(self, file: Path) -> None:
        self.blob = file.resolve()
        self.expected = self.blob.name if self.blob.parent.name == "blobs" else ""
        self._digest = _digest_of(self.expected, self.blob)

    def update(self, content: bytes) -> None:
        """Take in the next bytes."""
        if self._digest is not None:
            self._digest.update(content)

    def refuse_other(self, spec: ModelSpec, file: Path) -> None:
        """Raises InputError if the bytes are not those that the hub holds."""
        if self._digest is None or self._digest.hexdigest() == self.expected:
            return
        raise InputError(
            f"model {spec.name}: source: {file} is damaged: its {self._digest.name.upper()} is"
            f" {self._digest.hexdigest()[:16]}…, and the hub's is {self.expected[:16]}…; delete"
            f" {self.blob} and run the same command again, which downloads it anew"
        )


def _digest_of(expected: str, blob: Path) -> Any:
    """The digest that an ETag is of; None where it is of none."""
    if re.fullmatch("[0-9a-f]{64}", expected):
        return hashlib.sha256()
    if re.fullmatch("[0-9a-f]{40}", expected):
        return hashlib.sha1(b"blob %d\0" % blob.stat().st_size, usedforsecurity=False)
    return None
