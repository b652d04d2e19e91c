"""Every key that documents come from has its modality, and nobody outside asks for kinds by
name."""

import ast
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image
from pyarrow.parquet import write_table

from attnviz.config import parse_config
from attnviz.config.entries import ORIGINS
from attnviz.modalities.modality import nothing_of_its_own
from attnviz.modalities.reading import read_corpus
from attnviz.modalities.registry import FAMILIES, MODALITIES
from tests.fixtures.audio_models import noise, save_wav

PACKAGE = Path(__file__).parents[2] / "generator" / "attnviz"
KNOWS_KINDS = ("modalities", "documents", "architectures")
NAMES = {modality.kind.name for modality in MODALITIES} | set(FAMILIES)

ENTRIES = {
    "file": ({"file": "one.txt"}, "text"),
    "hf": ({"hf": "rows"}, "text"),
    "parquet": ({"parquet": "rows/one.parquet"}, "text"),
    "jsonl": ({"jsonl": "one.jsonl"}, "text"),
    "scores": ({"scores": [{"text_path": "one.txt", "score_path": "scores.txt"}]}, "text"),
    "text": ({"text": ["a"]}, "text"),
    "prompts": ({"prompts": ["a"]}, "prompt"),
    "messages": ({"messages": [[{"role": "user", "content": "a"}]]}, "conversation"),
    "translate": ({"translate": [{"source": "a"}]}, "translation"),
    "images": ({"images": "one.png"}, "image"),
    "images and text": ({"images": "one.png", "text": ["a"]}, "image-text"),
    "videos": ({"videos": "frames"}, "video"),
    "audio": ({"audio": "one.wav"}, "audio"),
    "audio and text": ({"audio": "one.wav", "text": ["a"]}, "audio-text"),
}


SHOWN = ("image", "image-text", "video", "audio", "audio-text")


def test_every_key_is_tried():
    assert set(ORIGINS) == {key for entry, _ in ENTRIES.values() for key in entry}


@pytest.mark.parametrize("origin", ENTRIES)
def test_an_entry_is_read_by_its_modality(tmp_path, origin):
    (tmp_path / "one.txt").write_text("a", "utf-8")
    (tmp_path / "scores.txt").write_text("0.5", "utf-8")
    (tmp_path / "one.jsonl").write_text('{"text": "a"}', "utf-8")
    (tmp_path / "rows").mkdir()
    write_table(pa.table({"text": ["a"]}), tmp_path / "rows" / "one.parquet")
    (tmp_path / "frames").mkdir()
    for path in ("one.png", "frames/0.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / path)
    save_wav(tmp_path / "one.wav", noise(0.1))
    entry, kind = ENTRIES[origin]
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    config = parse_config({"models": [{"source": "."}], "documents": [entry]}, tmp_path, "corpus")
    (document,) = read_corpus(config.documents, "corpus").documents
    assert document.kind.name == kind
    assert (document.picture() is not None) == (kind in SHOWN)


def test_names_stand_for_one_thing():
    kinds = [m.kind.name for m in MODALITIES if m.read is not nothing_of_its_own]
    assert len(set(kinds)) == len(kinds)
    families = [modality.family for modality in MODALITIES if modality.family is not None]
    assert all(FAMILIES[family.name] is family for family in families)


def comparisons(package):
    """Every place outside the rooms that know kinds where a name is compared with a kind's or a
    family's."""
    for file in sorted(package.rglob("*.py")):
        if file.relative_to(package).parts[0] in KNOWS_KINDS:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Compare):
                asked = ast.unparse(node.left)
                words = {
                    item.value for item in ast.walk(node) if isinstance(item, ast.Constant)
                } & NAMES
                if words and asked.endswith((".kind", ".kind.name", "family", ".name")):
                    yield f"{file.relative_to(package)}:{node.lineno}: {ast.unparse(node)}"


def test_nobody_else_asks_for_a_kind_by_its_name(tmp_path):
    assert list(comparisons(PACKAGE)) == []
    (tmp_path / "later.py").write_text('seen = work.family.name in ("video", "audio")', "utf-8")
    assert list(comparisons(tmp_path)) == [
        "later.py:1: work.family.name in ('video', 'audio')",
    ]
