"""`attnviz publish --to gh-pages`, against a bare repository: one commit, by force, and never over
what attnviz did not write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import attnviz
from attnviz.publish import pages_branch, sizes
from attnviz.publish.pages_branch import PagesBranch
from attnviz.reader.check import inspect

REPORT = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A checkout of somebody, in which the command is called, and its remote, `origin.git`."""
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
    git(tmp_path, "init", "--bare", "-q", "origin.git")
    git(tmp_path, "init", "-q", "-b", "main", "work")
    work = tmp_path / "work"
    (work / "notes.txt").write_text("mine")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "mine")
    git(work, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(work, "push", "-q", "origin", "main")
    monkeypatch.chdir(work)
    return work


def published(repository: Path, tmp_path: Path, name: str) -> Path:
    """The tree of the remote's branch, checked out."""
    git(tmp_path, "clone", "-q", "-b", "gh-pages", "origin.git", name)
    return tmp_path / name


def set_domain(tree: Path, domain: str) -> None:
    """Push a domain of one's own, as GitHub's settings do."""
    (tree / "CNAME").write_text(f"{domain}\n")
    git(tree, "add", "CNAME")
    git(tree, "commit", "-qm", "Create CNAME")
    git(tree, "push", "-q", "origin", "gh-pages")


def other_branch(repository: Path, **files: str) -> str:
    """Push a branch gh-pages of these files, by name; returns its commit."""
    git(repository, "checkout", "-q", "--orphan", "gh-pages")
    git(repository, "rm", "-rqf", ".")
    for name, text in files.items():
        (repository / name).write_text(text)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "theirs")
    git(repository, "push", "-q", "origin", "gh-pages")
    git(repository, "checkout", "-q", "main")
    git(repository, "branch", "-qD", "gh-pages")
    return git(repository.parent / "origin.git", "rev-parse", "gh-pages")


def test_the_branch_is_one_commit_of_the_report(attnviz_command, repository, tmp_path):
    code, out, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 0, err
    assert "will push one commit by force as the branch gh-pages of" in err
    assert "which is not there yet" in err
    assert "the branch gh-pages is the report" in out
    tree = published(repository, tmp_path, "tree")
    assert (tree / ".nojekyll").exists()
    assert not list(tree.rglob("*.arrow.js"))
    findings = inspect(tree)
    assert findings.faults == []
    assert attnviz.open_report(tree).manifest.models == attnviz.open_report(REPORT).manifest.models
    assert git(repository, "branch", "--list").split() == ["*", "main"]
    assert git(repository, "status", "--porcelain") == ""


def test_publishing_again_replaces_the_commit_and_keeps_the_domain(
    attnviz_command, repository, tmp_path
):
    assert attnviz_command("publish", REPORT, "--to", "gh-pages")[0] == 0
    set_domain(published(repository, tmp_path, "first"), "heads.example.org")
    code, out, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 0, err
    assert "replacing the report that is there, commit" in err
    assert "https://heads.example.org/" in out
    tree = published(repository, tmp_path, "second")
    assert (tree / "CNAME").read_text().strip() == "heads.example.org"
    assert "https://heads.example.org/heads.html" in (tree / "sitemap.xml").read_text()
    assert git(tree, "rev-list", "--count", "gh-pages") == "1"


def test_a_domain_that_is_none_is_no_address(attnviz_command, repository, tmp_path):
    assert attnviz_command("publish", REPORT, "--to", "gh-pages")[0] == 0
    set_domain(published(repository, tmp_path, "tree"), "example.org/<script>")
    code, out, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 0, err
    assert "script" not in out + err
    assert not (published(repository, tmp_path, "again") / "CNAME").exists()


def test_a_branch_of_somebody_is_left_as_it_is(attnviz_command, repository, tmp_path):
    before = other_branch(repository, **{"index.html": "mine", "manifest.json": "{}"})
    code, _, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 2
    assert "holds what attnviz publish did not write (index.html, manifest.json)" in err
    assert git(tmp_path / "origin.git", "rev-parse", "gh-pages") == before


def test_a_file_of_somebody_beside_the_report_is_not_lost(attnviz_command, repository, tmp_path):
    attnviz_command("publish", REPORT, "--to", "gh-pages")
    tree = published(repository, tmp_path, "tree")
    (tree / "about.html").write_text("mine")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "mine")
    git(tree, "push", "-q", "origin", "gh-pages")
    code, _, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 2
    assert "(about.html)" in err


def test_what_came_in_between_is_not_overwritten(
    attnviz_command, repository, tmp_path, monkeypatch
):
    look = PagesBranch.limits

    def slow(self, site):
        other_branch(repository, **{"index.html": "theirs"})
        return look(self, site)

    monkeypatch.setattr(PagesBranch, "limits", slow)
    code, _, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 2
    assert "did not take the branch, which is as it was" in err
    assert (published(repository, tmp_path, "tree") / "index.html").read_text() == "theirs"


def test_a_dry_run_pushes_nothing(attnviz_command, repository, tmp_path):
    code, out, _ = attnviz_command("publish", REPORT, "--to", "gh-pages", "--dry-run")
    assert code == 0
    assert "would push one commit by force as the branch gh-pages" in out
    assert git(tmp_path / "origin.git", "branch", "--list").split() == ["main"]


def test_what_the_host_would_not_take_is_not_pushed(
    attnviz_command, repository, tmp_path, monkeypatch
):
    monkeypatch.setattr(sizes, "SITE", 100_000)
    code, _, err = attnviz_command("publish", REPORT, "--to", "gh-pages")
    assert code == 2
    assert "GitHub Pages serves sites of at most" in err
    assert git(tmp_path / "origin.git", "branch", "--list").split() == ["main"]


def test_what_is_missing_is_named(attnviz_command, repository, tmp_path, monkeypatch):
    def refusal(*options: str) -> str:
        code, _, err = attnviz_command("publish", REPORT, "--to", "gh-pages", *options)
        assert code == 2
        return str(err)

    assert "there is no remote upstream" in refusal("--remote", "upstream")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "ghp_import", None)
        err = refusal()
    assert "ghp-import, which makes the branch, is not installed; pip install" in err
    git(repository, "remote", "set-url", "origin", "https://ada:secret@127.0.0.1:1/a.git")
    err = refusal()
    assert "https://127.0.0.1:1/a.git does not answer" in err
    assert "secret" not in err
    # Git's own words may name the address too.
    git(repository, "remote", "set-url", "origin", "//ada:secret@nowhere/a.git")
    err = refusal()
    assert "(git: fatal: '//nowhere/a.git' does not appear to be a git repository" in err
    assert "secret" not in err
    (tmp_path / "gitconfig").write_text("")
    assert "no user.name for the commit" in refusal()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert "this folder is in no Git repository" in refusal()
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in refusal()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/Ada/minilm-report.git", "https://ada.github.io/minilm-report/"),
        ("git@github.com:ada/heads", "https://ada.github.io/heads/"),
        ("ssh://git@github.com/ada/ada.github.io.git", "https://ada.github.io/"),
        ("https://example.org/ada/heads.git", None),
    ],
)
def test_the_address_follows_from_the_remote(url, address):
    assert PagesBranch("origin", url=url).address() == address
    assert pages_branch.BRANCH == "gh-pages"
