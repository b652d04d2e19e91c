"""Folders of models that cannot be: refused in words that name the file, before anything of them is
opened that would not end or fit."""

import json
import os
import random
import shutil

import pytest

from tests.fixtures.broken import WAYS, break_model
from tests.fixtures.command import write_corpus


@pytest.fixture
def refused(attnviz_command, tiny_model, tmp_path):
    """`refused(family, spoil, *options)`: what is said of a copy of a model that `spoil` changed,
    and that a build must refuse."""

    def run(family, spoil, *options):
        folder = shutil.copytree(tiny_model(family), tmp_path / "model")
        spoil(folder)
        path = write_corpus(tmp_path / "corpus.yaml", folder, "the cat sat")
        places = ["--out", tmp_path / "out", "--cache", tmp_path / "cache"]
        code, out, err = attnviz_command(*options, "build", path, *places)
        assert (code, out) == (2, ""), err
        assert "--debug" in options or "Traceback" not in err
        assert not (tmp_path / "out").exists()
        return err

    return run


def config(**values):
    """Sets values of config.json."""

    def spoil(folder):
        content = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(content | values))

    return spoil


def file(name, content):
    """Puts other bytes in a file's place."""
    return lambda folder: (folder / name).write_bytes(content)


def put(name, make):
    """Puts something that `make(path)` makes in a file's place."""

    def spoil(folder):
        (folder / name).unlink()
        make(folder / name)

    return spoil


def cut(name):
    def spoil(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return spoil


def index(target):
    """An index of weights that names one file for all."""

    def spoil(folder):
        content = {"weight_map": {"norm.weight": target}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(content))

    return spoil


DEEP = b'{"a":' * 200_000
CASES = {
    "weights are a pipe": (put("model.safetensors", os.mkfifo), "model.safetensors is a pipe"),
    "weights are a folder": (put("model.safetensors", os.mkdir), "model.safetensors is a folder"),
    "weights are a loop": (
        put("model.safetensors", lambda path: path.symlink_to(path.name)),
        "model.safetensors is a link that leads nowhere or in a circle",
    ),
    "config is a device": (
        put("config.json", lambda path: path.symlink_to("/dev/zero")), "config.json is a device",
    ),
    "tokenizer is a device": (
        put("tokenizer.json", lambda path: path.symlink_to("/dev/zero")),
        "tokenizer.json is a device",
    ),
    "config is nested": (file("config.json", DEEP), "config.json is nested too deep"),
    "tokenizer is nested": (file("tokenizer.json", DEEP), "tokenizer.json is nested too deep"),
    "settings are a list": (
        file("tokenizer_config.json", b"[]"), "tokenizer_config.json holds list",
    ),
    "settings are no UTF-8": (
        file("tokenizer_config.json", b'{"a": "\xff"}'), "is not UTF-8 (byte 0xff at 7)",
    ),
    "settings have half a character": (
        file("tokenizer_config.json", b'{"pad_token": "\\ud800"}'), "holds half a character",
    ),
    "config is cut": (cut("config.json"), "config.json is no JSON: line "),
    "tokenizer is cut": (cut("tokenizer.json"), "tokenizer.json is no JSON: line "),
    "generation config is empty": (
        file("generation_config.json", b""), "generation_config.json is no JSON: line 1, column 1",
    ),
    "no tokenizer's JSON": (
        file("tokenizer.json", b'{"version": "1.0", "model": {"type": "WordLevel", "vocab": 1}}'),
        "has no tokenizer that can be loaded: ",
    ),
    "a length in words": (
        file("tokenizer_config.json", b'{"model_max_length": "long", "pad_token": "[PAD]"}'),
        "“the cat sat”",
    ),
    "weights outside": (index("../other.safetensors"), "names '../other.safetensors'"),
    "weights not there": (index("other.safetensors"), "there is no such file beside it"),
    "no model type": (config(model_type=7), "config.json has no model_type"),
    "heads that do not divide": (config(num_attention_heads=5), "not a multiple of"),
    "no heads": (config(num_attention_heads=0), "model tiny: source: "),
    "unknown activation": (config(hidden_act="nope"), "describes no AutoModel there can be"),
    "unknown dtype": (config(dtype="nope"), "is not a model that transformers knows"),
    "a method that is not there": (config(quantization_config="x"), "model tiny: source: "),
    "size in words": (config(vocab_size="many"), "expected int, got str"),
    "many layers": (config(num_hidden_layers=10_000), "has 10,000 layers, and its weights have 2"),
    "a huge vocabulary": (config(vocab_size=10**13), "GB of memory as float32, and this machine"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_model_that_cannot_be(refused, case):
    spoil, words = CASES[case]
    errors = refused("llama", spoil)
    assert words in errors
    assert errors.startswith("error: ")


TOO_LARGE = {
    "width": ({"size": {"height": 9, "width": 200_000}}, "asks for images of 200,000 pixels"),
    "one side": ({"size": 200_000}, "asks for images of 200,000 pixels a side"),
    "shortest edge": ({"size": {"shortest_edge": 200_000}}, "asks for images of 200,000 pixels"),
    "seconds": ({"chunk_length": 10**9}, "says chunk_length: 1,000,000,000; expected 1 to 3,600"),
    "rows": ({"feature_size": 10**9}, "says feature_size: 1,000,000,000; expected 1 to 4,096"),
    "part": ({"feature_extractor": {"hop_length": 0}}, "says hop_length: 0; expected 1 to"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_would_fill_the_memory_is_not_made(refused, case):
    """Images and spectrograms that a processor asks for."""
    settings, words = TOO_LARGE[case]

    def spoil(folder):
        (folder / "preprocessor_config.json").write_text(json.dumps(settings))

    assert words in refused("llama", spoil)


def test_every_damaged_file_is_named_at_once(refused):
    def spoil(folder):
        for name in ("tokenizer.json", "generation_config.json", "tokenizer_config.json"):
            (folder / name).write_text("{")

    assert refused("llama", spoil).count("is no JSON: line 1, column 2") == 3


def test_the_trace_is_shown_when_asked_for(refused):
    errors = refused("llama", config(hidden_act="nope"), "--debug")
    assert "Traceback" in errors
    assert "KeyError" in errors
    assert errors.splitlines()[-1].startswith("error: model tiny: ")


@pytest.mark.parametrize("number", range(len(WAYS)), ids=WAYS)
def test_any_way_to_break_a_model_ends_in_words_or_a_report(
    attnviz_command, tiny_model, tmp_path, number
):
    """One of each of the ways that `make bench BENCH=faults` tries a thousand times."""
    break_model(tiny_model("llama"), tmp_path / "model", number, random.Random(number))
    code, _, err = attnviz_command("probe", tmp_path / "model", "--allow-pickle")
    assert code in (0, 2), err
    assert "Traceback" not in err
