"""A kind of input is one module and its line in the registry, and its key where the corpus gets a
new one: a copy of the package gets such kinds, and builds reports of them."""

import json
import os
import subprocess
import sys

import pytest

import attnviz
from tests.fixtures.copied import build_with, copy_package, insert
from tests.fixtures.text_models import save_bert

MODULE = '''
"""Texts in ROT13."""

import codecs

from attnviz.documents import Document, DocumentKind
from attnviz.documents.files import digest_of
from attnviz.modalities.modality import EntryDocuments, Modality

ROT13 = DocumentKind("rot13", is_text=True)


def _read(entry, spec, where):
    if not spec.rot13:
        return None
    texts = [codecs.decode(path.read_text("utf-8").strip(), "rot13") for path in spec.rot13]
    documents = [Document(entry, text.split()[0], text, ROT13) for text in texts]
    return EntryDocuments("secrets", digest_of(spec.rot13), documents)


MODALITY = Modality(ROT13, _read)
'''

KEY = '''    rot13: Annotated[AudioFiles, Origin()] = ()
    """Texts in ROT13."""
'''


OF_FILES = MODULE.replace(
    "if not spec.rot13:", "if not spec.file or spec.file[0].suffix != '.rot13':"
)
OF_FILES = OF_FILES.replace("spec.rot13", "spec.file")


def _add_module(tmp_path, module):
    """A copy of attnviz with one more module of a kind of input, and its line."""
    copy = copy_package(tmp_path / "copy")
    (copy / "modalities" / "rot13.py").write_text(module, "utf-8")
    registry = copy / "modalities" / "registry.py"
    insert(registry, "    rot13.MODALITY,\n", "    text.MODALITY,")
    insert(registry, "    rot13,\n", "    text,\n")
    return copy


@pytest.fixture
def package(tmp_path):
    """A folder with a copy of attnviz that has one more kind of input, with a key for it."""
    copy = _add_module(tmp_path, MODULE)
    insert(copy / "config" / "entries.py", KEY, "    generate:")
    return copy.parent


def test_a_kind_of_input_is_a_module_and_its_lines(package, tmp_path):
    save_bert(tmp_path)
    (tmp_path / "one.rot13").write_text("gur png fng", "utf-8")
    (tmp_path / "two.rot13").write_text("n qbt ena", "utf-8")
    corpus = {
        "models": [{"name": "bert", "source": "."}],
        "documents": [{"rot13": "*.rot13"}, {"text": ["rain fell"]}],
        "maps": {"methods": ["pca"]},
    }
    (tmp_path / "corpus.yaml").write_text(json.dumps(corpus), "utf-8")
    build_with(package, tmp_path / "corpus.yaml", tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    assert [document.text for document in report.documents] == [
        "the cat sat",
        "a dog ran",
        "rain fell",
    ]
    assert [source.name for source in report.manifest.provenance.sources] == [
        "secrets",
        "texts in the corpus file",
    ]
    assert report.attention(layer=0, head=0, document=0).shape == (5, 5)


def test_a_kind_of_files_is_a_module_and_a_line(tmp_path):
    """Known by the name of a `file`, it needs no key."""
    copy = _add_module(tmp_path, OF_FILES)
    save_bert(tmp_path)
    (tmp_path / "one.rot13").write_text("gur png fng", "utf-8")
    (tmp_path / "two.txt").write_text("rain fell", "utf-8")
    corpus = {
        "models": [{"name": "bert", "source": "."}],
        "documents": [{"file": "one.rot13"}, {"file": "two.txt"}],
        "maps": {"methods": ["pca"]},
    }
    (tmp_path / "corpus.yaml").write_text(json.dumps(corpus), "utf-8")
    build_with(copy.parent, tmp_path / "corpus.yaml", tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    assert [document.text for document in report.documents] == ["the cat sat", "rain fell"]
    assert report.attention(layer=0, head=0, document=0).shape == (5, 5)


def test_its_key_is_checked_as_every_other(package, tmp_path):
    """The rule of one origin, its message and the list of keys follow from the one field."""
    code = (
        "from attnviz.config import parse_config\n"
        "from attnviz.errors import InputError\n"
        "from pathlib import Path\n"
        "for entry in ({'rot13': '*.r', 'text': ['a']}, {'split': 'line'}):\n"
        "    try:\n"
        "        parse_config({'models': [], 'documents': [entry]}, Path(), 'x')\n"
        "    except InputError as error:\n"
        "        print(error)\n"
    )
    (tmp_path / "a.r").write_text("n")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "documents[0].rot13: stands beside text; expected one of them" in done.stdout
    assert "prompts, messages, translate, images, videos, audio or rot13" in done.stdout
