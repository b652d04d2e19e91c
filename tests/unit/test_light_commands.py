"""A command imports what it uses: the help of each nothing that computes, and those that read no
model nothing that runs one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from attnviz.cli import app

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden" / "bidirectional"
RUNNING = {"torch", "transformers", "scipy", "sklearn", "numba", "umap", "joblib", "accelerate"}
"""What runs models, or computes what a report holds."""
COMPUTING = RUNNING | {"numpy", "pyarrow", "jinja2", "PIL", "ruamel", "markdown_it"}

RUN = """
import json, sys
from attnviz.cli import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def packages(*arguments: str, code: int = 0) -> set[str]:
    """The packages that a command imports; it has to end with this code."""
    run = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], capture_output=True, text=True, check=True
    )
    ended, names = json.loads(run.stdout.splitlines()[-1])
    assert ended == code, run.stderr
    return set(names)


NAMES = [command.name or command.callback.__name__ for command in app.registered_commands]


@pytest.mark.parametrize("command", [[], *([name] for name in NAMES)], ids=["all", *NAMES])
def test_help_imports_nothing_that_computes(command):
    assert packages(*command, "--help") & COMPUTING == set()


def test_the_version_imports_nothing_that_computes():
    assert packages("--version") & COMPUTING == set()


def test_commands_that_read_no_model_import_nothing_that_runs_one(tmp_path):
    (tmp_path / "tokens.txt").write_text("a\nb\n", "utf-8")
    (tmp_path / "scores.txt").write_text("0.5\n0.25\n", "utf-8")
    commands = (
        ("query", str(GOLDEN), "heads"),
        ("clean", "--cache", str(tmp_path / "cache")),
        ("init", str(tmp_path / "begun")),
        ("tokens", "--text-path", str(tmp_path / "tokens.txt"),
         "--score-path", str(tmp_path / "scores.txt"), "-o", str(tmp_path / "page.html")),
    )  # fmt: skip
    heavy = {command[0]: packages(*command) & RUNNING for command in commands}
    heavy["check"] = packages("check", str(GOLDEN), code=1) & RUNNING  # it has no pages
    assert not any(heavy.values()), heavy


@pytest.mark.parametrize("policy", [None, "ACTIVE"])
def test_threads_that_wait_sleep_unless_the_user_has_them_spin(policy):
    """Where others work on the same processors, a build of MiniLM took four times as long."""
    script = f"{RUN}\nimport os; print(os.environ['OMP_WAIT_POLICY'])"
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    if policy is not None:
        environment["OMP_WAIT_POLICY"] = policy
    run = subprocess.run(
        [sys.executable, "-c", script, "--version"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert run.stdout.splitlines()[-1] == (policy or "PASSIVE")


def test_python_m_is_the_command():
    run = subprocess.run(
        [sys.executable, "-m", "attnviz", "build", "no-such-corpus.yaml"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr.startswith("error: no-such-corpus.yaml: ")


def test_a_command_ends_without_a_last_collection():
    """Which takes 1.5 s after torch: the collector has no objects to go through then."""
    program = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count()));"
        "from attnviz.cli import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=True
    )
    assert int(run.stdout.splitlines()[-1]) > 1000


def test_a_build_begins_without_what_takes_long_and_serves_options_alone():
    program = "import sys, attnviz.pipeline; print(*sorted(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert {"sklearn", "umap", "numba"}.isdisjoint(run.stdout.split())
