"""Codes of languages, with which models of many languages (M2M, NLLB, mBART) begin or end a text.

Their tokenizers take English for what they are not told.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, NamedTuple

from attnviz.documents import Document
from attnviz.errors import InputError
from attnviz.models import LoadedModel


class Languages(NamedTuple):
    """The codes of a document's two texts, as the model's tokenizer calls them."""

    source: str
    target: str


def has_codes(tokenizer: Any) -> bool:
    """Whether a tokenizer marks texts with the code of their language."""
    return hasattr(tokenizer, "set_src_lang_special_tokens")


def known_codes(tokenizer: Any) -> list[str]:
    """The codes that a tokenizer has, in its own order."""
    codes = getattr(tokenizer, "lang_code_to_id", None)
    if codes:
        return list(codes)
    return [token for token in tokenizer.all_special_tokens if re.fullmatch(r"[a-z]+_\w+", token)]


def speak(loaded: LoadedModel, document: Document) -> Languages | None:
    """Tell the tokenizer the languages of a document's texts: those of the document, else of the
    model. None where it has no codes. Raises InputError if one is missing or unknown, or if the
    model is given some and has none."""
    tokenizer = loaded.tokenizer
    if not has_codes(tokenizer):
        if any(loaded.languages):
            raise InputError(
                f"model {loaded.name}: source_lang and target_lang: its tokenizer has no codes of"
                " languages; expected them to be left out"
            )
        return None
    pairs = zip(document.languages, loaded.languages, strict=True)
    source, target = (own or of_model for own, of_model in pairs)
    codes = known_codes(tokenizer)
    spoken = Languages(
        _known(loaded, document, source, codes, "source_lang"),
        _known(loaded, document, target, codes, "target_lang"),
    )
    tokenizer.src_lang, tokenizer.tgt_lang = spoken
    return spoken


def _known(
    loaded: LoadedModel, document: Document, code: str | None, codes: list[str], key: str
) -> str:
    """A code that the tokenizer has. Raises InputError if it is not."""
    if code in codes:
        return code
    start = f"model {loaded.name}: “{document.title}”"
    some = f"{key} beside the document or the model: one of {len(codes)} codes such as {codes[0]}"
    if code is None:
        raise InputError(
            f"{start} has no {key}, and the model reads each text in a language that it is told;"
            f" expected {some}"
        )
    close = difflib.get_close_matches(code, codes, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise InputError(f"{start}: {key}: the model has no code {code}; expected {some}{hint}")


class Begin(NamedTuple):
    """How a decoder begins a text of a language: its first token, None for the model's own, and the
    token that it is made to choose then, if any."""

    start: int | None
    forced: int | None


def beginning(tokenizer: Any, spoken: Languages | None) -> Begin:
    """How a decoder begins, by where its training had the code of the target's language: before the
    text (M2M, NLLB, mBART-50) or after it (mBART), from where it moves to the start."""
    if spoken is None:
        return Begin(None, None)
    ids = tokenizer(text_target="")["input_ids"]
    code = tokenizer.convert_tokens_to_ids(_token(tokenizer, spoken.target))
    return Begin(code, None) if ids[-1] == code else Begin(None, code)


def _token(tokenizer: Any, code: str) -> str:
    """The token of a code, which M2M writes between underscores."""
    tokens: dict[str, str] = getattr(tokenizer, "lang_code_to_token", {})
    return tokens.get(code, code)
