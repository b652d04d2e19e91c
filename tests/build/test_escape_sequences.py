"""Names and texts with control characters: the terminal shows them and does not obey them."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from tests.fixtures.command import write_corpus
from tests.fixtures.spoiled import manifest_of

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden"
EVIL = "\x1b]0;taken\x07\x9b31m\x7f"
SHOWN = r"\x1b]0;taken\x07\x9b31m\x7f"
BARS = f"""
from attnviz import terminal
with terminal.guarded(), terminal.progress_for(quiet=False) as progress:
    progress.note({"[red]note " + EVIL!r})
    print(*progress.steps({"[red]stage " + EVIL!r}, [1], [1.0]))
"""


def is_plain(text):
    """Whether a terminal would only show it."""
    return all(letter == "\n" or unicodedata.category(letter) != "Cc" for letter in text)


@pytest.fixture
def ends(attnviz_command):
    """`ends(*args)`: exit code and what was printed, which must be plain and show the evil text."""

    def run(*args):
        code, out, err = attnviz_command(*args)
        assert is_plain(out), out
        assert is_plain(err), err
        assert SHOWN in out + err
        return code, out + err

    return run


def test_names_of_files_and_folders_in_errors(ends, tmp_path, tiny_model):
    assert ends("build", tmp_path / f"{EVIL}.yaml")[0] == 2
    assert ends("check", tmp_path / EVIL)[0] == 2
    assert ends("serve", tmp_path / EVIL)[0] == 2
    assert ends("probe", f"./{EVIL}")[0] == 2
    path = write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"), "a cat")
    content = json.loads(path.read_text()) | {"documents": [{"file": f"{EVIL}.txt"}]}
    path.write_text(json.dumps(content))
    assert ends("build", path)[0] == 2


def test_options_that_do_not_exist(ends):
    assert ends("build", f"--{EVIL}")[0] == 2
    assert ends(EVIL)[0] == 2


def test_columns_of_a_table(ends, tmp_path, tiny_model):
    (tmp_path / "cats.jsonl").write_text(json.dumps({EVIL: "a cat"}) + "\n")
    path = write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"))
    content = json.loads(path.read_text()) | {"documents": [{"file": "cats.jsonl"}]}
    path.write_text(json.dumps(content))
    assert ends("build", path)[0] == 2


def test_a_model_type(ends, tmp_path, tiny_model):
    shutil.copytree(tiny_model("llama"), tmp_path / "model")
    (tmp_path / "model" / "config.json").write_text(json.dumps({"model_type": EVIL}))
    assert ends("probe", tmp_path / "model")[0] == 2


def test_a_foreign_manifest(ends, tmp_path):
    report = tmp_path / "report"
    shutil.copytree(GOLDEN / "windows", report)
    manifest = manifest_of(report)
    # A line of its own would look as if the command had said it.
    next(iter(manifest["shards"].values()))["kind"] = f"tokens\r\n{report}: whole {EVIL}"
    (report / "manifest.json").write_text(json.dumps(manifest))
    code, output = ends("check", report)
    assert code == 1
    assert rf"tokens\r\n{report}: whole {SHOWN}" in output
    assert not any(line.startswith(f"{report}: whole") for line in output.splitlines())


def test_json_is_plain_and_says_the_same(attnviz_command, tmp_path):
    code, out, _ = attnviz_command("build", tmp_path / f"{EVIL}ü.yaml", "--json")
    assert code == 2
    assert is_plain(out)
    assert f"{EVIL}ü.yaml" in json.loads(out)["problems"][0]


def test_the_summary_of_a_build(ends, tmp_path, tiny_model):
    path = write_corpus(tmp_path / "corpus.yaml", tiny_model("llama"), "a cat", title=EVIL)
    places = ["--out", tmp_path / f"out{EVIL}", "--cache", tmp_path / "cache"]
    assert ends("build", path, *places)[0] == 0


def test_bars():
    """On a terminal Rich's own sequences draw the bars; no others come through, nor its markup."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
    command = [sys.executable, "-c", BARS]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        parts = []
        # The end of a terminal is an error on Linux.
        with contextlib.suppress(OSError):
            while part := os.read(ours, 65536):
                parts.append(part)
    os.close(ours)
    drawn = b"".join(parts).decode("utf-8")
    assert f"[red]note {SHOWN}" in drawn
    assert f"[red]stage {SHOWN}" in drawn
    assert "\x1b[" in drawn
    assert not any(piece in drawn for piece in ("\x1b]0;", "\x07", "\x9b", "\x7f"))
