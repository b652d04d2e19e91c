"""Errors of libraries at somebody's model are the model's; attnviz's own are said as its own."""

import json

import pytest
import torch

from attnviz.encoding import decode_dense
from attnviz.errors import InputError
from attnviz.models.foreign import foreign_work


class PanicException(BaseException):
    """As a panic of Rust code arrives in Python."""


def fails(error):
    with foreign_work("model tiny: cannot be loaded", "copy it again"):
        raise error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("model_type"), "KeyError: 'model_type'"),
        (RecursionError(), "RecursionError"),
        (ValueError("not valid for heads:\n  7 does not divide 32\nmore"), "heads: 7 does not"),
        (PanicException("index out of bounds"), "PanicException: index out of bounds"),
        (RuntimeError("x" * 5000), "x" * 400 + ";"),
    ],
)
def test_an_error_becomes_words_with_its_cause(error, words):
    with pytest.raises(InputError) as caught:
        fails(error)
    assert str(caught.value).startswith("model tiny: cannot be loaded: ")
    assert str(caught.value).endswith("; copy it again")
    assert words in str(caught.value)
    assert caught.value.__cause__ is error


def test_a_library_below_the_line_counts_as_one():
    with pytest.raises(InputError, match="Expecting property"), foreign_work("a", "b"):
        json.loads("{")


@pytest.mark.parametrize(
    "error",
    [InputError("said"), MemoryError(), torch.OutOfMemoryError("full"), KeyboardInterrupt()],
)
def test_what_is_said_already_and_what_is_none_of_the_models_passes(error):
    with pytest.raises(type(error)) as caught:
        fails(error)
    assert caught.value is error


def test_a_bug_of_attnviz_is_said_as_one():
    with pytest.raises(InputError) as caught, foreign_work("model tiny", "copy it again"):
        decode_dense(None, None)
    assert "attnviz itself fails at this, in encoding.py:" in str(caught.value)
    assert "attnviz --debug" in str(caught.value)
    assert "copy it again" not in str(caught.value)
