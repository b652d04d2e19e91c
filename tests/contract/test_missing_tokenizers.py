"""A text model is read by its own tokenizer or not at all: none is invented, and tokens that the
model has no embedding of are named before it runs."""

import json
import shutil

import pytest
import transformers

import attnviz
from tests.fixtures.models import WORDS, save_model, save_tokenizer


@pytest.fixture
def untokenized(tmp_path):
    """`untokenized(family)`: the folder of a tiny model without files of a tokenizer."""

    def save(family):
        folder = tmp_path / family
        if family == "roberta":
            config = transformers.RobertaConfig(
                vocab_size=60, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
                intermediate_size=32, max_position_embeddings=70, pad_token_id=1,
            )  # fmt: skip
            transformers.RobertaModel(config).save_pretrained(folder)
            return folder
        save_model(family, folder)
        for file in folder.glob("tokenizer*"):
            file.unlink()
        return folder

    return save


@pytest.fixture
def build(tmp_path):
    def run(folder, text="the cat sat on a mat"):
        corpus = {
            "models": [{"name": "tiny", "source": str(folder)}],
            "documents": [{"text": [text]}],
            "maps": {"methods": ["pca"]},
        }
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


FILES = {
    "bert": "neither tokenizer.json nor vocab.txt;",
    "roberta": "neither tokenizer.json nor vocab.json and merges.txt;",
    "t5": "neither tokenizer.json nor spiece.model;",
    "llama": "neither tokenizer.json nor a vocabulary;",
}


@pytest.mark.parametrize("configured", [False, True])
@pytest.mark.parametrize(("family", "words"), FILES.items(), ids=FILES)
def test_no_tokenizer_is_invented(untokenized, build, attnviz_command, family, words, configured):
    """Neither where the folder has nothing of it nor where it has settings without a vocabulary."""
    folder = untokenized(family)
    if configured:
        name = {"llama": "PreTrainedTokenizerFast", "t5": "T5Tokenizer"}.get(family)
        name = name or f"{family.title()}Tokenizer"
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name}))
    if configured and family == "llama":
        words = "has no tokenizer that can be loaded: "
    with pytest.raises(attnviz.InputError, match=words):
        build(folder)
    code, out, err = attnviz_command("probe", folder)
    assert (code, out) == (2, "")
    assert words in err


def test_a_vocabulary_without_its_merges_is_none(untokenized, build):
    folder = untokenized("roberta")
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *WORDS]
    (folder / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(names)}))
    with pytest.raises(attnviz.InputError, match=r"no tokenizer that can be loaded: .*merges"):
        build(folder)


def test_a_vocabulary_alone_is_a_tokenizer(untokenized, build):
    """An older BERT has vocab.txt and nothing else."""
    folder = untokenized("bert")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]))
    report = build(folder)
    assert report.documents[0].axes["text"].texts == (
        "[CLS]", "the", "cat", "sat", "on", "a", "mat", "[SEP]",
    )  # fmt: skip


def test_a_tokenizer_of_bytes_needs_no_vocabulary(attnviz_command, tmp_path):
    folder = save_model("t5", tmp_path / "t5", words=[*WORDS, *map(str, range(400))])
    for file in folder.glob("tokenizer*"):
        file.unlink()
    transformers.ByT5Tokenizer(extra_ids=0).save_pretrained(folder)
    code, out, err = attnviz_command("probe", folder)
    assert (code, err) == (0, "")
    assert "everything is captured" in out


@pytest.mark.parametrize("family", ["bert", "t5"])
def test_tokens_without_an_embedding_are_named(tmp_path, tiny_model, attnviz_command, family):
    """Three tokens were added to the tokenizer, and none to the model."""
    folder = shutil.copytree(tiny_model(family), tmp_path / "model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    size = len(tokenizer)
    tokenizer.add_tokens(["zeppelin", "airship", "balloon"])
    tokenizer.save_pretrained(folder)

    def build(text):
        pair = {"source": "the cat", "target": text}
        document = {"translate": [pair]} if family == "t5" else {"text": [text]}
        corpus = {
            "models": [{"name": "tiny", "source": str(folder)}],
            "documents": [document],
            "maps": {"methods": ["pca"]},
        }
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    words = (
        rf"its tokenizer has {size + 3} tokens, its embedding {size} rows: “.*” has the token"
        rf" “airship”, number {size + 1} from 0; expected"
    )
    with pytest.raises(attnviz.InputError, match=words):
        build("the cat saw an airship")
    assert build("the cat saw that").manifest.models, "others can be read"
    assert attnviz_command("probe", folder)[0] == 0


OTHERS = {
    "a second text": ("bert", {"text": [{"text": "the cat", "pair": "an airship"}]}),
    "a source": ("t5", {"translate": [{"source": "an airship", "target": "the cat"}]}),
    "a source alone": ("t5", {"translate": [{"source": "an airship"}]}),
    "a prompt": ("gpt2", {"prompts": ["the airship"]}),
}


@pytest.mark.parametrize(("family", "document"), OTHERS.values(), ids=OTHERS)
def test_so_are_those_of_other_texts(tmp_path, tiny_model, family, document):
    folder = shutil.copytree(tiny_model(family), tmp_path / "model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["airship"])
    tokenizer.save_pretrained(folder)
    corpus = {"models": [{"name": "tiny", "source": str(folder)}], "documents": [document]}
    with pytest.raises(attnviz.InputError, match=r"has the token “airship”, number .* from 0"):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")


def test_a_padding_token_without_an_embedding_is_no_obstacle(tmp_path, build, tiny_model):
    """Padding is masked, so any token pads as well."""
    folder = shutil.copytree(tiny_model("gpt2"), tmp_path / "model")
    save_tokenizer(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"pad_token": "<padding>"})
    assert tokenizer.pad_token_id == len(tokenizer) - 1
    tokenizer.save_pretrained(folder)
    build(folder)
