"""Texts and titles that try to be markup, code, links or commands of a terminal."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from pathlib import Path

from attnviz.reader.check import check
from attnviz.reader.report import open_report
from tests.benchmarks.faults.ground import (
    MEMORY,
    SECONDS,
    Ground,
    fault_of_end,
    write_corpus,
)
from tests.fixtures.forked import run_forked
from tests.fixtures.hostile import Page, hostile_text

_PICTURE = re.compile(r"(Map|Attention) of L\dH\d: ")
_TERMINAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def hostile_string(ground: Ground, number: int, chance: random.Random) -> str | None:
    """A string as a document's text and title, its source, and the report's title: it comes back as
    it was, no page gets an element of it, no terminal a control character; or it is refused."""
    text = hostile_text(chance)
    with ground.folder(f"string-{number}") as folder:
        entry = {"text": [{"text": text, "title": text}], "source": text, "licence": text}
        model = ground.models["llama"]
        corpus = write_corpus(folder / "corpus.yaml", model, [entry], title=text)
        out = folder / "out"
        args = ["build", str(corpus), "--out", str(out), "--cache", str(folder / "cache")]
        end = run_forked(args, folder, seconds=SECONDS, memory=MEMORY)
        fault = fault_of_end(end, (0, 2))
        if fault is None and _TERMINAL.search(end.out + end.err):
            fault = "a control character reaches the terminal"
        if fault is None and end.code == 0:
            fault = _fault_of_texts(out, text) or next(iter(check(out)), None)
        return fault and f"{text!a:.200}: {fault}"


def _fault_of_texts(out: Path, text: str) -> str | None:
    """What of a report is not the text, or is more than text."""
    report = open_report(out)
    if report.manifest.title != text or report.documents[0].text != text:
        return f"comes back as {report.documents[0].text!a:.100}"
    if report.documents[0].title != text:
        return f"the title comes back as {report.documents[0].title!a:.100}"
    json.loads((out / "manifest.json").read_bytes())
    for path in sorted(out.rglob("*.html")):
        page = Page()
        page.feed(path.read_text("utf-8"))
        scripts = [about.get("src") or "" for tag, about in page.elements if tag == "script"]
        if page.handlers or not all(re.search(r"assets/[\w.-]+\.js$", src) for src in scripts):
            return f"{path.name} has elements of it: {page.handlers}{scripts}"
        if any(_is_foreign(tag, about) for tag, about in page.elements):
            return f"{path.name} has an element of it"
    for path in sorted([*out.glob("*.js"), *out.glob("data/*.js")]):
        if not path.read_bytes().isascii():
            return f"{path.name} is not ASCII"
    return None


def _is_foreign(tag: str, about: Mapping[str, str | None]) -> bool:
    """Whether no page of a report has such an element: pictures are those of heads alone."""
    if tag == "svg":
        return not _PICTURE.match(about.get("aria-label") or "")
    return tag in {"img", "iframe", "base", "object"}
