"""What earlier builds leave for the next one beside the results of their steps: the content of a
report, and which files were made of it.

Both are kept under what the whole build depends on (`engine.premises`), so that one that would make
the same again imports nothing that computes, and ends where its folder has the files already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attnviz.config import Config
from attnviz.config.inputs import content_inputs
from attnviz.engine.engine import Engine
from attnviz.engine.premises import premises
from attnviz.writer.content import Content
from attnviz.writer.look import Look
from attnviz.writer.publication import digests_of

CONTENT: Final = "content"
REPORT: Final = "report"


@dataclass(frozen=True)
class Written:
    """The SHA-256 of each file of a report, by path, and what was said while it was made."""

    files: dict[str, str]
    notes: Sequence[str]


@dataclass(frozen=True)
class Foreseen:
    """What the content of a report depends on, and the key that it is kept under."""

    inputs: Mapping[str, Any]
    key: str


def foresee(config: Config, engine: Engine) -> Foreseen | None:
    """What the content of a corpus's report depends on; None where that cannot be known, or
    nothing would be saved."""
    inputs = _inputs(config, engine)
    key = None if inputs is None else premises(inputs)
    return None if inputs is None or key is None else Foreseen(inputs, key)


def _inputs(config: Config, engine: Engine) -> dict[str, Any] | None:
    inputs = content_inputs(config)
    return None if inputs is None else inputs | {"threads": engine.threads}


def recall_content(foreseen: Foreseen | None, engine: Engine) -> Content | None:
    """The content that is kept of what was foreseen, with what was said of it said again; None
    where there is none, where a shard is missing or damaged, or where it is not from scratch though
    it has to be."""
    content = None if foreseen is None else engine.recall(CONTENT, foreseen.key, Content)
    if content is None or not engine.has(set(content.pieces.values())):
        return None
    if engine.from_scratch and _has_start(content):
        return None
    for note in content.notes:
        engine.note(note)
    return content


def _has_start(content: Content) -> bool:
    return any(kind.start is not None for model in content.models for kind in model.maps)


def remember_content(
    foreseen: Foreseen | None, config: Config, content: Content, engine: Engine
) -> bool:
    """Keep a content, if all files are still as they were foreseen. Returns whether it is kept."""
    if foreseen is None or _inputs(config, engine) != foreseen.inputs:
        return False
    engine.remember(CONTENT, foreseen.key, content)
    return True


def recall_report(foreseen: Foreseen | None, look: Look, out: Path, engine: Engine) -> int | None:
    """The bytes of the report in `out`, if it has just the files that a build would write; what
    was said of it is said again. None where it has not."""
    if foreseen is None:
        return None
    written = engine.recall(REPORT, _report_key(foreseen, look), Written)
    if written is None or digests_of(out) != written.files:
        return None
    for note in written.notes:
        engine.note(note)
    engine.progress.note(f"nothing has changed: all {len(written.files)} files are as they were")
    return sum((out / path).stat().st_size for path in written.files)


def remember_report(foreseen: Foreseen, look: Look, out: Path, engine: Engine) -> None:
    """Keep which files a report has that was made of a content that is kept."""
    written = Written(digests_of(out), list(engine.notes))
    engine.remember(REPORT, _report_key(foreseen, look), written)


def _report_key(foreseen: Foreseen, look: Look) -> str:
    return hashlib.sha256(f"{foreseen.key} {look.digest()}".encode()).hexdigest()[:32]
