"""The viewer's views, in the order of its list: what every test of all views goes by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_LIST: Final = Path(__file__).parents[2] / "site_templates" / "src" / "views" / "list.js"


def _views() -> tuple[str, ...]:
    """The names in the order of VIEWS: each is that of its folder."""
    text = _LIST.read_text("utf-8")
    folders = dict(re.findall(r"^import (\w+) from '\./(\w+)/index\.js';$", text, re.MULTILINE))
    (members,) = re.findall(r"VIEWS = \[([^\]]*)\]", text)
    return tuple(folders[name.strip()] for name in members.split(",") if name.strip())


VIEWS: Final = _views()
SELECTION: Final = {"head": "L3H7", "doc": 17, "token": 5}
"""What tests of all views look at, in the quickstart."""
