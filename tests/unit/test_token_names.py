"""What tokens stand for: bytes of a character, blanks, and the letters of any script."""

import pytest
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import ByT5Tokenizer, PreTrainedTokenizer, PreTrainedTokenizerFast

from attnviz.documents import Document, Tokens
from attnviz.heads.pairs import frequent_types
from attnviz.heads.traits import traits_of
from attnviz.modalities.text import TEXT
from attnviz.modalities.tokenizing import _tokenise

CHINESE = "我喜欢猫你呢中文的书"


def byte_level(texts=(), trim=False):
    """A byte-level BPE as GPT-2's, of single bytes and what it learns of `texts`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def metaspace(*pieces, byte_fallback=False):
    vocabulary = {piece: number for number, piece in enumerate(["<unk>", *pieces])}
    if byte_fallback:
        vocabulary |= {f"<0x{byte:02X}>": len(vocabulary) + byte for byte in range(256)}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=byte_fallback)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>")


class Marian(PreTrainedTokenizer):
    """A tokenizer in Python that tells no offsets, of letters and blanks as SentencePiece's."""

    def __init__(self):
        self.pieces = ["<unk>", "▁", *"Kotnie"]
        super().__init__(unk_token="<unk>")

    vocab_size = property(lambda self: len(self.pieces))

    def get_vocab(self):
        return {piece: number for number, piece in enumerate(self.pieces)}

    def _tokenize(self, text):
        return list("▁" + text.replace(" ", "▁"))

    def _convert_token_to_id(self, token):
        return self.get_vocab().get(token, 0)

    def _convert_id_to_token(self, index):
        return self.pieces[index]

    def convert_tokens_to_string(self, tokens):
        return "".join(tokens).replace("▁", " ").strip()


def tokens_of(tokenizer, text) -> Tokens:
    return _tokenise(tokenizer, Document(0, "", text, TEXT), text, "")[0]


def names_of(tokenizer, text):
    """Each token's name, else its characters."""
    tokens = tokens_of(tokenizer, text)
    return [name or text for name, text in zip(tokens.names, tokens.characters, strict=True)]


def types_of(tokens):
    """What each token's type is called."""
    types = frequent_types([tokens])
    return [types.texts[number] for number in types.of(tokens.ids)]


@pytest.mark.parametrize("trim", [False, True])
def test_a_byte_shows_its_character_and_which_byte_it_is(trim):
    assert names_of(byte_level(trim=trim), "a🙂ا") == [
        "a", "🙂 1/4", "🙂 2/4", "🙂 3/4", "🙂 4/4", "ا 1/2", "ا 2/2"
    ]  # fmt: skip


def test_tokens_of_several_bytes_say_which():
    tokenizer = byte_level(["中丯丰中丯丰"])  # two bytes in common: one token
    assert names_of(tokenizer, "x中") == ["x", "中 1–2/3", "中 3/3"]


def test_a_token_may_end_within_a_character():
    vocabulary = {letter: n for n, letter in enumerate(pre_tokenizers.ByteLevel.alphabet())}
    for word in ("Ùħ", "ÙħØ"):  # م, and م with half of ا
        vocabulary[word] = len(vocabulary)
    merges = [("Ù", "ħ"), ("Ùħ", "Ø")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    assert names_of(fast, "ما") == ["م + ا 1/2", "ا 2/2"]
    assert tokens_of(fast, "ما").spans.tolist() == [[0, 2], [1, 2]]


def test_bytes_of_other_vocabularies():
    fallback = metaspace("▁", "K", byte_fallback=True)
    assert names_of(fallback, "K🙂") == ["␣", "K", "🙂 1/4", "🙂 2/4", "🙂 3/4", "🙂 4/4"]
    assert names_of(ByT5Tokenizer(), "aä")[:3] == ["a", "ä 1/2", "ä 2/2"]


@pytest.mark.parametrize("make", [lambda: metaspace("▁", *"Kotnie"), Marian])
def test_a_lone_blank_is_a_blank_and_doubles_no_letter(make):
    tokens = tokens_of(make(), "Kot nie")
    assert tokens.characters == ("", *"Kot", " ", *"nie")
    assert tokens.names == ("␣", *[None] * 7)


@pytest.mark.parametrize("trim", [False, True])
def test_every_blank_stands_once(trim):
    tokens = tokens_of(byte_level(trim=trim), "a  b \n")
    assert "".join(tokens.characters) == "a  b \n"
    assert tokens.names == (None,) * 6


def test_a_byte_of_a_shortened_text_is_named_too():
    tokenizer = byte_level()
    document = Document(0, "", "🙂", TEXT)
    tokens, _ = _tokenise(tokenizer, document, "🙂", "", limit=2)
    assert tokens.names == ("🙂 1/4", "🙂 2/4")


def test_punctuation_goes_by_characters():
    tokenizer = byte_level()
    letters, comma = tokens_of(tokenizer, CHINESE), tokens_of(tokenizer, "猫，")
    assert not traits_of(letters, len(letters), None, cross=False).punctuation.any()
    assert traits_of(comma, 6, None, cross=False).punctuation.tolist() == [False] * 3 + [True] * 3


def test_types_are_called_by_their_characters():
    names = types_of(tokens_of(byte_level([" café café"]), " café 🙂ا"))
    assert names == ["␣café", "␣", "🙂 1/4", "🙂 2/4", "🙂 3/4", "🙂 4/4", "ا 1/2", "ا 2/2"]


def test_a_type_that_is_part_of_several_characters_is_called_by_its_byte():
    assert types_of(tokens_of(byte_level(), "اح"))[0] == "byte D8"  # both letters begin with it


def test_a_special_token_that_is_written_stands_where_it_is():
    tokens = tokens_of(ByT5Tokenizer(), "a<extra_id_0>b")
    assert tokens.characters[:3] == ("a", "<extra_id_0>", "b")
    assert tokens.special.tolist() == [False, True, False, True]
