"""Memory that a recording takes is said before it is read, where attention is kept whole."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.audio_models import RATE, noise, save_audio_model, save_wav

SECONDS = 30
MINUTES = 40
STATUS = Path("/proc/self/status")
READ = """
import re, sys
from pathlib import Path
from attnviz.capture import corpus
from attnviz.cli import main

def peak(when):
    # Of this program alone: getrusage's begins with that of the process that it was forked from.
    status = Path("/proc/self/status").read_text()
    print(when, re.search(r"VmHWM:\\s+(\\d+) kB", status)[1], file=sys.stderr)

in_words = corpus.memory_in_words

def say(*arguments):
    peak("before")
    return in_words(*arguments)

def assemble(*arguments):
    peak("after")
    sys.exit(0)  # all documents are read

corpus.memory_in_words, corpus.assemble = say, assemble
main()
"""


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    """Its attention is kept whole: the position bias depends on what is heard."""
    folder = tmp_path_factory.mktemp("wavlm") / "model"
    return save_audio_model("WavLM", folder, hidden_size=96, num_attention_heads=24)


@pytest.fixture
def corpus_of(tmp_path, listener):
    def write(*recordings):
        names = [f"{{audio: {recording}}}" for recording in recordings]
        path = tmp_path / "corpus.yaml"
        path.write_text(f"models: [{{source: {listener}}}]\ndocuments: [{', '.join(names)}]\n")
        return path

    return write


@pytest.mark.skipif(not STATUS.exists(), reason="the most memory held is read from /proc")
def test_it_is_what_the_pass_takes(tmp_path, corpus_of):
    files = [save_wav(tmp_path / f"{seconds}.wav", noise(seconds)) for seconds in (0.5, SECONDS)]
    command = [sys.executable, "-c", READ, "build", str(corpus_of(*files)), "--out", "report"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    words = re.search(
        r"reading document 1 \(1,499 tokens of audio\) takes about ([\d.]+) GB of"
        r" memory, and ([\d.]+) GB of the cache",
        done.stderr,
    )
    assert words, done.stderr
    before, after = (
        int(re.search(rf"{name} (\d+)", done.stderr)[1]) for name in ("before", "after")
    )
    assert float(words[1]) == pytest.approx((after - before) * 1024 / 1e9, rel=0.25)
    kept = [file for file in (tmp_path / "build").rglob("*.npy") if file.stat().st_size > 2**24]
    assert float(words[2]) == pytest.approx(sum(f.stat().st_size for f in kept) / 1e9, rel=0.1)


def test_what_no_machine_has_is_refused_before_it_is_read(
    tmp_path, monkeypatch, attnviz_command, corpus_of
):
    long = save_wav(tmp_path / "minutes.wav", np.tile(noise(10), 6 * MINUTES))
    monkeypatch.chdir(tmp_path)
    code, _, errors = attnviz_command(
        "build", corpus_of(save_wav(tmp_path / "short.wav", noise(0.5)), long)
    )
    assert code == 2
    assert f"({60 * MINUTES * RATE // 320 - 1:,} tokens of audio)" in errors
    assert "divide it into shorter documents" in errors
    assert "Traceback" not in errors
