"""Sequences of letters under headers, as FASTA files have them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from attnviz.errors import InputError

_LETTERS: Final = re.compile(r"[A-Z*\-]+\s*")


def looks_like_sequences(text: str) -> bool:
    """Whether a text begins as FASTA does: a header, and letters without blanks.

    >>> looks_like_sequences(">sp|P01308\\nMALWMRLLPL"), looks_like_sequences("> a quotation")
    (True, False)
    """
    header, _, rest = text.lstrip().partition("\n")
    return header.startswith(">") and _LETTERS.fullmatch(rest.partition("\n")[0]) is not None


def read_sequences(text: str, file: Path) -> list[tuple[str, str]]:
    """Title and letters of each sequence. Raises InputError, with the line, if one has no header or
    no letters."""
    titles: list[str] = []
    lines: list[list[str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(">"):
            titles.append(line[1:].strip() or f"sequence {len(titles) + 1}")
            lines.append([])
        elif line.strip() and not titles:
            raise InputError(
                f"{file}:{number}: has letters before the first header; expected FASTA: a line that"
                " begins with >, then its sequence"
            )
        elif line.strip():
            lines[-1].append("".join(line.split()))
    sequences = ["".join(parts) for parts in lines]
    empty = [title for title, sequence in zip(titles, sequences, strict=True) if not sequence]
    if empty or not titles:
        name = f"the header “{empty[0]}” has no sequence" if empty else "holds no sequences"
        raise InputError(f"{file}: {name}; expected FASTA: headers, each with letters below it")
    return list(zip(titles, sequences, strict=True))
