"""What tokens say and where they stand in the text."""

import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from attnviz.modalities.token_spans import decode_pieces, find_spans, spans_of

TEXT = "Ja, der Käse 👩‍🔬 war gut."


def byte_tokenizer():
    """One token a byte, as GPT-2's tokenizer writes them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(
        models.BPE({letter: number for number, letter in enumerate(alphabet)}, [])
    )
    tokenizer.pre_tokenizer, tokenizer.decoder = (
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        decoders.ByteLevel(),
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def test_pieces_make_up_the_text_also_where_a_character_has_many_tokens():
    tokenizer = byte_tokenizer()
    ids = tokenizer(TEXT)["input_ids"]
    added = decode_pieces(tokenizer, ids)
    assert len(added) == len(TEXT.encode())
    assert "".join(added) == TEXT
    spans = [tuple(span) for span in spans_of(added, 0).tolist()]
    # A blank is a token of its own here, and all bytes of a character are its tokens.
    assert "".join(TEXT[a:b] for a, b in dict.fromkeys(spans)) == TEXT
    assert [TEXT[a:b] for a, b in spans].count("👩") == 4


def test_pieces_go_on_from_what_stands_before():
    tokenizer = byte_tokenizer()
    ids = tokenizer(TEXT)["input_ids"]
    assert "".join(decode_pieces(tokenizer, ids[9:], ids[:9])) == TEXT.encode()[9:].decode()


def test_half_a_character_at_the_end_is_shown_as_such():
    tokenizer = byte_tokenizer()
    ids = tokenizer("gut 👩")["input_ids"][:-1]
    assert "".join(decode_pieces(tokenizer, ids)).startswith("gut \ufffd")


def test_a_tokenizer_that_does_not_tell_is_followed_through_the_text():
    text = "Der Käse, der KÄSE"
    tokenizer = transformers.ByT5Tokenizer()
    added = decode_pieces(tokenizer, tokenizer(text)["input_ids"])
    spans = find_spans(added, text, 0).tolist()
    assert [text[a:b] for a, b in spans[4:10]] == ["K", "ä", "ä", "s", "e", ","]
    assert spans[3] == spans[-1] == [-1, -1]  # a blank, the end


def test_pieces_that_the_text_does_not_say_are_nowhere():
    assert find_spans(["the", "[UNK]", "cat"], "THE * cat", 0).tolist() == [
        [0, 3],
        [-1, -1],
        [6, 9],
    ]
    assert find_spans(["cat", "cat"], "cat" + " " * 50 + "cat", 0).tolist() == [[0, 3], [-1, -1]]
