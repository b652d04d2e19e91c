"""A report published as a static Space of the Hugging Face hub."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from attnviz.errors import InputError
from attnviz.publish.ours import published_paths
from attnviz.publish.place import Place
from attnviz.publish.site import Site

SPACE: Final = "space:"
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_CARD: Final = "README.md"
_THEIRS: Final = (_CARD, ".gitattributes")
"""Files of every Space, which stay as they are where they are."""
_NAMED: Final = 3
"""Files of somebody that an error names."""


@dataclass
class Space(Place):
    """A Space, USER/NAME, which is made where it is not there."""

    name: str
    commit: str | None = None
    """What it is at; None where it is not there yet."""
    files: set[str] = field(default_factory=set)
    """The paths of what it holds."""

    def prepare(self, report: Path) -> None:
        from huggingface_hub.errors import RepositoryNotFoundError

        if not _NAME.fullmatch(self.name):
            raise InputError(
                f"--to {SPACE}{self.name}: is the name of no Space; expected {SPACE}USER/NAME"
            )
        with self._explained():
            try:
                self._look()
            except RepositoryNotFoundError:
                return
            ours = self._published_paths()
        others = sorted(self.files - (ours or set()) - {*_THEIRS})
        if others:
            which = ", ".join(others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
            raise InputError(
                f"--to {SPACE}{self.name}: the Space holds what attnviz publish did not write"
                f" ({which}), and nothing was changed; name a new Space, or remove those files"
            )

    def address(self) -> str | None:
        host = re.sub("[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return f"https://{host}.static.hf.space/"

    def put(self, site: Site) -> int:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        contents = {output.path: output.content() for output in site.outputs()}
        if _CARD not in self.files:
            contents[_CARD] = _card(site.manifest.title)
        # It warns of every .arrow that this is no data set.
        with self._explained(), warnings.catch_warnings(action="ignore", category=UserWarning):
            if self.commit is None:
                _hub().create_repo(self.name, repo_type="space", space_sdk="static")
                self._look()  # the hub puts files of its own into a new one
            gone = sorted(self.files - contents.keys() - {*_THEIRS})
            _hub().create_commit(
                self.name,
                repo_type="space",
                operations=[
                    *(CommitOperationAdd(path, content) for path, content in contents.items()),
                    *(CommitOperationDelete(path) for path in gone),
                ],
                commit_message=f"Publish {' '.join(site.manifest.title.split())}",
                parent_commit=self.commit,
            )
        return sum(map(len, contents.values()))

    def plan(self) -> str:
        there = "which is made" if self.commit is None else "replacing the report that is there"
        return f"commit the report to the Space {self.name} of {_hub().endpoint}, {there}"

    def done(self) -> str:
        return f"{_hub().endpoint}/spaces/{self.name}: the Space is the report"

    def _look(self) -> None:
        about: Any = _hub().repo_info(self.name, repo_type="space")
        self.commit = about.sha
        self.files = {entry.rfilename for entry in about.siblings or ()}

    def _published_paths(self) -> set[str] | None:
        """What an earlier publication wrote into the Space."""
        if "manifest.json" not in self.files:
            return None
        with TemporaryDirectory() as folder:

            def read(path: str) -> bytes:
                if path not in self.files:
                    return b""
                file = _hub().hf_hub_download(
                    self.name,
                    path,
                    repo_type="space",
                    revision=self.commit,
                    local_dir=folder,
                )
                return Path(file).read_bytes()

            return published_paths(read("manifest.json"), read)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The hub's refusals as the user's to mend."""
        import huggingface_hub.errors

        errors: Any = huggingface_hub.errors
        try:
            yield
        except (errors.HTTPError, OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"--to {SPACE}{self.name}: the hub ({_hub().endpoint}) did not take it"
                f" ({reason}); check the name and the network, and say who you are with `hf auth"
                " login` or HF_TOKEN"
            ) from error


def _hub() -> Any:
    from huggingface_hub import HfApi, constants

    return HfApi(endpoint=constants.ENDPOINT)


def _card(title: str) -> bytes:
    """The file that says what a Space is: a static one, called as the report."""
    name = json.dumps(" ".join(title.split()))  # YAML reads JSON's texts
    return f"---\ntitle: {name}\nsdk: static\nemoji: 🔎\n---\n".encode("utf-8", "replace")
