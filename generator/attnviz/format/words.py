"""What the heads' pages and the viewer say alike: words.json, with figures in braces.

The viewer's copy, site_templates/src/format/words.js, is generated from the same file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = json.loads(
    (Path(__file__).parent / "words.json").read_text("utf-8")
)
"""Sentences by group and name."""
