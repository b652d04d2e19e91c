"""Special tokens that a text has itself, that a tokenizer adds, and that a chat template writes."""

import json
import shutil

import pytest
import transformers

import attnviz
from attnviz.errors import InputError
from attnviz.reader.check import check
from tests.fixtures.chat_models import save_chatty

TALK = [
    {"role": "user", "content": "Name a river."},
    {"role": "assistant", "content": "The Rhine 🙂"},
]
WRITTEN = (
    "<s><|im_start|>user\nName a river.<|im_end|>\n<|im_start|>assistant\nThe Rhine 🙂<|im_end|>\n"
)


@pytest.fixture(scope="module")
def chatty(tmp_path_factory):
    return save_chatty(tmp_path_factory.mktemp("chatty"))


@pytest.fixture(scope="module")
def build(tmp_path_factory, chatty):
    """`build(*entries, **more)`: the report of a corpus with these entries."""

    def run(*entries, source=chatty, out=None, **more):
        corpus = {"models": [{"name": "chatty", "source": str(source)}], "documents": entries}
        folder = tmp_path_factory.mktemp("build")
        return attnviz.build(corpus | more, out=out or folder / "report", cache=folder / "cache")

    return run


@pytest.fixture(scope="module")
def report(build):
    return build(
        {"text": [WRITTEN, "a <mask> b<|im_end|>"]},
        {"text": [WRITTEN], "add_special_tokens": False},
        {"messages": [TALK]},
    )


def test_a_special_token_that_is_written_is_special(report):
    axis = report.documents[1].axes["text"]
    special = [name for name, holds in zip(axis.names, axis.special, strict=True) if holds]
    assert special == ["<s>", "<|im_end|>"]  # the mask stands for a word
    end = axis.texts.index("<|im_end|>")
    assert (axis.start[end], axis.end[end]) == (10, 20)


def test_a_special_token_twice_is_said_once_for_all(report):
    [notice] = [n for n in report.manifest.notices if n.kind == "doubled"]
    assert "<s> twice" in notice.message
    assert "add_special_tokens: false" in notice.message
    assert report.documents[0].tokens[:2] == ("<s>", "<s>")
    assert report.documents[2].tokens[:2] == ("<s>", "<|im_start|>")


def test_messages_are_what_the_chat_template_writes(report, chatty):
    document = report.documents[3]
    tokenizer = transformers.AutoTokenizer.from_pretrained(chatty)
    assert document.text == WRITTEN
    assert document.title == "Name a river."
    axis = document.axes["text"]
    turns = axis.labels["turn"]
    first, second = (axis.texts[n] for n in (turns.index("1 user"), turns.index("2 assistant")))
    assert (first, second, turns.count("1 user")) == ("N", "T", len("Name a river."))
    assert turns[0] is None  # what the template writes is no one's
    assert document.token_ids.tolist() == tokenizer.apply_chat_template(TALK)["input_ids"]


def test_bytes_are_named_in_the_report(build, tmp_path):
    report = build({"text": ["The Rhine 🙂"]}, out=tmp_path / "report")
    axis = report.documents[0].axes["text"]
    assert [name for name in axis.names if "🙂" in name] == [f"🙂 {n}/4" for n in range(1, 5)]
    assert check(tmp_path / "report") == []


def test_a_conversation_needs_a_template_that_takes_it(build, chatty, tmp_path):
    plain = shutil.copytree(chatty, tmp_path / "plain")
    (plain / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match=r"\[0\].messages: .* chatty has no chat template"):
        build({"messages": [TALK]}, source=plain)
    with pytest.raises(InputError, match=r"refuses “hello” .no robots"):
        build({"messages": [[{"role": "robot", "content": "hello"}]]})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"messages": TALK}, r"documents\[0\].messages\[0\]: is a mapping; expected a list of"),
        ({"messages": [TALK], "add_special_tokens": True}, "a chat template writes its own"),
        ({"messages": [[{"role": "user"}]]}, r"messages\[0\]\[0\].content: is missing"),
    ],
)
def test_what_is_no_conversation_is_refused(build, entry, message):
    with pytest.raises(InputError, match=message):
        build(json.loads(json.dumps(entry)))
