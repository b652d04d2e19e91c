"""How a report is shown."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from attnviz.config import Config
from attnviz.engine.digests import file_digest
from attnviz.site import Assets
from attnviz.site.story import Story


@dataclass(frozen=True)
class Look:
    """How a report is shown: its options and its origin, its story, the viewer, and the folder of
    the pages' templates."""

    config: Config
    story: Story | None
    viewer: Assets
    templates: Path

    def digest(self) -> str:
        """SHA-256 of all of it, in hexadecimal digits."""
        config = self.config
        files = [*self.templates.glob("*.j2"), *self.templates.glob("*.css")]
        parts = {
            "title": config.title,
            "site": config.site.model_dump(mode="json"),
            "corpus": [config.name, config.path and config.path.name, config.sha256],
            "story": None if self.story is None else [self.story.name, self.story.text],
            "viewer": {
                name: hashlib.sha256(content).hexdigest()
                for name, content in self.viewer.files.items()
            },
            "templates": {file.name: file_digest(file).hex() for file in files},
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
