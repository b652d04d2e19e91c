"""A report published as the branch `gh-pages` of a Git repository, which GitHub Pages serves."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attnviz.errors import InputError
from attnviz.publish.folder import publish_folder
from attnviz.publish.ours import published_paths
from attnviz.publish.place import Place
from attnviz.publish.site import Site
from attnviz.publish.sizes import too_large

BRANCH: Final = "gh-pages"
_REF: Final = f"refs/heads/{BRANCH}"
_HOST_FILE: Final = "CNAME"
"""The file in which GitHub keeps a site's own domain."""
_GITHUB: Final = re.compile(r"github\.com[:/]+([\w.-]+)/([\w.-]+?)(\.git)?/?$", re.IGNORECASE)
_SECRET: Final = re.compile(r"//[^/@\s]*@")
"""Where an address has a name and password."""
_NAMED: Final = 3
"""Files of somebody that an error names."""


@dataclass
class PagesBranch(Place):
    """The branch `gh-pages` of a remote of the repository that the command is called in."""

    remote: str
    url: str = ""
    """The remote's address, without what is secret in it."""
    before: str = ""
    """The commit that the branch has there; empty where it has none."""
    domain: str | None = None
    """The site's own domain, which the branch names."""

    def prepare(self, report: Path) -> None:
        _require_ghp_import()
        _git("rev-parse", "--git-dir", problem="this folder is in no Git repository")
        url = _git("remote", "get-url", self.remote, problem=f"there is no remote {self.remote}")
        self.url = _SECRET.sub("//", url.strip())
        self._require_name()
        heads = _git("ls-remote", self.remote, _REF, problem=f"{self.url} does not answer")
        self.before = heads.split()[0] if heads else ""
        if self.before:
            self._look_at_what_is_there()

    def address(self) -> str | None:
        if self.domain:
            return f"https://{self.domain}/"
        parts = _GITHUB.search(self.url)
        if not parts:
            return None
        host = f"{parts[1].lower()}.github.io"
        return f"https://{host}/" if parts[2].lower() == host else f"https://{host}/{parts[2]}/"

    def limits(self, site: Site) -> list[str]:
        if problems := too_large(site.sizes, site.manifest):
            raise InputError([f"--to {BRANCH}: {problem}" for problem in problems])
        return []

    def put(self, site: Site) -> int:
        from ghp_import import ghp_import

        scratch = f"attnviz-{uuid.uuid4().hex}"
        with TemporaryDirectory() as folder, _removed(scratch):
            size = publish_folder(site, Path(folder, "site"))
            ghp_import(
                str(Path(folder, "site")),
                mesg=f"Publish {site.manifest.title}",
                branch=scratch,
                no_history=True,
                cname=self.domain,
            )
            _git("rev-parse", "--verify", f"refs/heads/{scratch}", problem="no commit was made")
            _git(
                *("push", "--quiet", f"--force-with-lease={_REF}:{self.before}"),
                *(self.remote, f"refs/heads/{scratch}:{_REF}"),
                problem=f"{self.url} did not take the branch, which is as it was",
            )
        return size

    def plan(self) -> str:
        there = (
            f"replacing the report that is there, commit {self.before[:12]}"
            if self.before
            else "which is not there yet"
        )
        return f"push one commit by force as the branch {BRANCH} of {self.url}, {there}"

    def done(self) -> str:
        return f"{self.url}: the branch {BRANCH} is the report"

    def _require_name(self) -> None:
        """What ghp-import writes into a commit."""
        for key, variable in (("user.name", "NAME"), ("user.email", "EMAIL")):
            if f"GIT_COMMITTER_{variable}" not in os.environ:
                words = f'no {key} for the commit; git config --global {key} "…"'
                _git("config", key, problem=words)

    def _look_at_what_is_there(self) -> None:
        """InputError where the branch holds what attnviz did not write."""
        _git(
            *("fetch", "--quiet", "--no-tags", self.remote, _REF),
            problem=f"{BRANCH} of {self.url} cannot be read",
        )
        names = set(self._read("ls-tree", "-r", "--name-only", "-z").decode().split("\0")) - {""}
        ours = published_paths(
            self._read("show", path="manifest.json") or b"",
            lambda path: self._read("show", path=path),
        )
        others = sorted(names - (ours or set()) - {_HOST_FILE})
        if ours is None or others:
            which = ", ".join(others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
            raise InputError(
                f"--to {BRANCH}: the branch {BRANCH} of {self.url} holds what attnviz publish did"
                f" not write ({which}), and nothing was changed; remove or rename that branch, or"
                " publish into a folder of it (--to DIR)"
            )
        if _HOST_FILE in names:
            self.domain = _domain(self._read("show", path=_HOST_FILE).decode("utf-8", "replace"))

    def _read(self, command: str, *options: str, path: str | None = None) -> bytes:
        """What Git says of the commit that is there, or of a file in it; nothing where that is not
        there."""
        name = self.before if path is None else f"{self.before}:{path}"
        return _run(command, *options, name).stdout


def _domain(text: str) -> str | None:
    domain = text.strip()
    return domain if re.fullmatch(r"[A-Za-z0-9.-]+", domain) else None


def _require_ghp_import() -> None:
    try:
        import ghp_import  # noqa: F401
    except ImportError:
        raise InputError(
            f"--to {BRANCH}: ghp-import, which makes the branch, is not installed; pip install"
            " 'attnviz[publish]'"
        ) from None


@contextmanager
def _removed(branch: str) -> Iterator[None]:
    """A branch of this name is not there after this context: its commit is."""
    try:
        yield
    finally:
        _run("update-ref", "-d", f"refs/heads/{branch}")


def _git(*arguments: str, problem: str) -> str:
    """What a Git command prints. InputError with Git's own words where it fails."""
    done = _run(*arguments)
    if done.returncode:
        words = _SECRET.sub("//", " ".join(done.stderr.decode("utf-8", "replace").split()))
        raise InputError(f"--to {BRANCH}: {problem}{f' (git: {words})' if words else ''}")
    return done.stdout.decode("utf-8", "replace")


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError(f"--to {BRANCH}: git is not installed, and makes the branch") from None
