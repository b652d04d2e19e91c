"""Which sources a module can reach, by its imports."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from attnviz.engine.sources import Sources, own_sources

FILES = {
    "__init__": "from house.kitchen import cook",
    "score": "import numpy as np\nimport os",
    "kitchen/__init__": "from house.kitchen.oven import bake\nfrom .stove import boil as cook",
    "kitchen/oven": "from house.score import Array",
    "kitchen/stove": "import torch.nn",
    "kitchen/table": "",
    "hall/__init__": "from house.kitchen import cook\nCOLOUR = 'red'",
    "hall/door": "def later():\n    from house.kitchen import bake",
    "guest": "from house.kitchen import cook",
    "friend": "from house.hall import cook",
    "painter": "from house.hall import COLOUR",
    "waiter": "from house.kitchen import table",
    "lodger": "import house.kitchen.oven as oven",
    "owner": "from house import kitchen",
    "typist": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.score import A",
    "neighbour": "from .kitchen.oven import bake",
    "glutton": "from house.kitchen import *",
}

REACHED = {
    "guest": {"kitchen", "kitchen.stove"},
    "friend": {"hall", "kitchen", "kitchen.stove"},
    "painter": {"hall", "kitchen", "kitchen.stove"},
    "waiter": {"kitchen.table"},
    "lodger": {"kitchen.oven", "score"},
    "owner": {"kitchen", "kitchen.oven", "kitchen.stove", "score"},
    "glutton": {"kitchen", "kitchen.oven", "kitchen.stove", "score"},
    "typist": {"score"},
    "neighbour": {"kitchen.oven", "score"},
    "hall.door": {"kitchen", "kitchen.oven", "score"},
}

ODD = (
    "x = 1; import numpy",
    "if True: import numpy",
    "from numpy import \\\n    array",
    "from numpy import (  # so many (of them)\n    array,\n)",
    "import numpy  # to import",
    "from numpy import(array)",
    "def f():\n\timport numpy as np",
    '"""One line says\nimport torch\nand another\n"""\nimport numpy',
    "TEXT = '''\nimport torch\n'''\nimport numpy",
    "TEXT = 'import torch'\nimport numpy",
)
"""Each imports numpy, and nothing else but in a text."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "house" / f"{name}.py"
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(text)
    return tmp_path / "house"


@pytest.mark.parametrize("module", REACHED)
def test_a_module_reaches_what_it_imports_and_no_more(house: Path, module: str) -> None:
    reach = Sources(house, "house").reach(f"house.{module}")
    expected = {f"house.{name}" for name in {*REACHED[module], module}}
    assert reach.modules == expected


def test_packages_of_others_are_known_by_their_first_names(house: Path) -> None:
    sources = Sources(house, "house")
    assert sources.reach("house.guest").packages == {"torch"}
    assert sources.reach("house.lodger").packages == {"numpy"}


def test_a_digest_changes_with_what_is_reached_alone(house: Path) -> None:
    before = Sources(house, "house").digest("house.guest")
    (house / "kitchen" / "oven.py").write_text("")
    assert Sources(house, "house").digest("house.guest") == before
    (house / "kitchen" / "stove.py").write_text("import torch.nn\nHEAT = 3")
    assert Sources(house, "house").digest("house.guest") != before


def parsed(file: Path) -> set[str]:
    """The packages that a source imports by its own words, by Python's parser."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names


def test_every_source_of_attnviz_imports_what_pythons_parser_says() -> None:
    folder = own_sources().files["attnviz"].parent
    alone = Sources(folder, "nobody")  # whose modules import none of their own
    for module, file in alone.files.items():
        assert alone.reach(module).packages == parsed(file), module


@pytest.mark.parametrize("text", ODD)
def test_imports_are_found_however_they_are_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.py").write_text(text)
    assert Sources(tmp_path, "house").reach("house.odd").packages == {"numpy"}
