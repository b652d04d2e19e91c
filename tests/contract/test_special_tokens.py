"""Special tokens that a text has itself, that a tokenizer adds, and that a chat template writes."""

import json
import shutil

import pytest
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

import attnviz
from attnviz.errors import InputError
from attnviz.reader.check import check

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'robot' %}"
    "{{ raise_exception('no robots') }}{% endif %}"
    "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
)
TALK = [
    {"role": "user", "content": "Name a river."},
    {"role": "assistant", "content": "The Rhine 🙂"},
]
WRITTEN = (
    "<s><|im_start|>user\nName a river.<|im_end|>\n<|im_start|>assistant\nThe Rhine 🙂<|im_end|>\n"
)


@pytest.fixture(scope="module")
def chatty(tmp_path_factory):
    """A small decoder of single bytes with a chat template; its tokenizer puts <s> first."""
    folder = tmp_path_factory.mktemp("chatty")
    names = ["<s>", "<mask>", "<|im_start|>", "<|im_end|>"]
    letters = [*names, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    bpe = Tokenizer(models.BPE(vocabulary, []))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.add_special_tokens([AddedToken(name, special=True) for name in names])
    bpe.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", mask_token="<mask>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(letters),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=256,
    )
    transformers.LlamaModel(config).save_pretrained(folder)
    return folder


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
