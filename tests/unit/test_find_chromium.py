"""How the tests find their browser: only one that opens a page will do, and failing says what to
do."""

from __future__ import annotations

import os
import runpy
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).parents[1] / "browser" / "find_chromium.py"
OPENS = "#!/bin/sh\necho '<title>attnviz opened this page</title>'\n"
FAILS = "#!/bin/sh\necho 'this needs a snap' >&2\nexit 1\n"


@pytest.fixture
def finder() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(SCRIPT)))


def program(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def run(path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")} | variables
    return subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False
    )


def test_a_named_browser_is_taken(tmp_path: Path) -> None:
    browser = program(tmp_path / "mine", OPENS)
    done = run(tmp_path, ATTNVIZ_CHROMIUM=str(browser))
    assert (done.returncode, done.stdout) == (0, f"{browser}\n")


def test_a_named_browser_that_fails_is_not_replaced(tmp_path: Path) -> None:
    program(tmp_path / "chromium", OPENS)
    done = run(tmp_path, ATTNVIZ_CHROMIUM=str(program(tmp_path / "mine", FAILS)))
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not open pages" in done.stderr
    assert "make test ATTNVIZ_CHROMIUM=" in done.stderr


def test_a_browser_that_does_not_open_pages_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "chromium", FAILS)
    working = program(tmp_path / "chromium-browser", OPENS)
    assert run(tmp_path).stdout == f"{working}\n"


@pytest.mark.parametrize(("user", "first"), [(0, "apt-get"), (1000, sys.executable)])
def test_debians_package_is_for_root(
    finder: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, first: str
) -> None:
    program(tmp_path / "apt-get", OPENS)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    commands = [way[0][0] for way in finder.installers()]
    assert commands[0] == first
    assert commands[-1] == sys.executable


def test_an_installer_that_fails_is_reported_and_ends(
    finder: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    finder.install([[str(program(tmp_path / "fails", FAILS))], ["never", "reached"]])
    output = capfd.readouterr()
    assert output.out == ""
    assert "that did not work" in output.err
    assert "reached" not in output.err
