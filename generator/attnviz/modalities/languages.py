"""Codes of languages, with which models of many languages (M2M, NLLB, mBART) begin or end a text,
and the prompt of Whisper, which has one.

Their tokenizers take English for what they are not told.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Final, NamedTuple

from transformers.models.whisper.tokenization_whisper import LANGUAGES, TO_LANGUAGE_CODE

from attnviz.documents import Document
from attnviz.errors import InputError
from attnviz.modalities.model_input import Begin
from attnviz.models.loaded import LoadedModel


class Languages(NamedTuple):
    """The codes of a document's two texts, or of what is heard and what is written, as the model's
    tokenizer calls them."""

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
    if has_prompt(tokenizer):
        return _tell_prompt(loaded, document)
    if not has_codes(tokenizer):
        _refuse_codes(loaded)
        return None
    source, target = _languages(loaded, document)
    codes = known_codes(tokenizer)
    spoken = Languages(
        _known(loaded, document, source, codes, "source_lang"),
        _known(loaded, document, target, codes, "target_lang"),
    )
    tokenizer.src_lang, tokenizer.tgt_lang = spoken
    return spoken


def _languages(loaded: LoadedModel, document: Document) -> tuple[str | None, str | None]:
    """The codes of a document's languages, or else of the model's."""
    pairs = zip(document.languages, loaded.languages, strict=True)
    source, target = (of_document or of_model for of_document, of_model in pairs)
    return source, target


def _refuse_codes(loaded: LoadedModel) -> None:
    """Raises InputError if a model that has no codes is given some."""
    if any(loaded.languages):
        raise InputError(
            f"model {loaded.name}: source_lang and target_lang: its tokenizer has no codes of"
            " languages; expected them to be left out"
        )


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


def beginning(tokenizer: Any, spoken: Languages | None) -> Begin:
    """How a decoder begins, by where its training had the code of the target's language: before the
    text (M2M, NLLB, mBART-50) or after it (mBART), from where it moves to the start."""
    if spoken is None:
        return Begin(None, None)
    ids = tokenizer(text_target="")["input_ids"]
    code = tokenizer.convert_tokens_to_ids(_token(tokenizer, spoken.target))
    return Begin(code, None) if ids[-1] == code else Begin(None, code)


# ---- Whisper's prompt: where a text begins, the language that is heard, what to write of it


def has_prompt(tokenizer: Any) -> bool:
    """Whether a tokenizer begins texts with Whisper's prompt."""
    return hasattr(tokenizer, "set_prefix_tokens")


def languages_heard(loaded: LoadedModel) -> dict[str, int]:
    """The codes of the languages that a Whisper is told or detects, and the token of each; none for
    one that hears English alone."""
    tokens = loaded.generation.get("lang_to_id")
    if isinstance(tokens, dict):
        return {token.strip("<|>"): int(number) for token, number in tokens.items()}
    size = int(loaded.model.config.vocab_size)
    if not loaded.generation.get("is_multilingual", size >= _MULTILINGUAL):
        return {}
    known = loaded.tokenizer.get_vocab()
    return {code: known[token] for code in LANGUAGES if (token := f"<|{code}|>") in known}


_MULTILINGUAL: Final = 51865
"""Tokens of the smallest vocabulary of a Whisper of many languages."""


def prompted(loaded: LoadedModel, document: Document) -> Begin:
    """How a Whisper begins to write what it hears: with its prompt, whose language it detects where
    it is told none."""
    languages, tokenizer = languages_heard(loaded), loaded.tokenizer
    if languages and _language_heard(loaded, document) is None:
        _set_prompt(loaded, next(iter(languages)), _target(loaded, document))
        start, _, *after = tokenizer.prefix_tokens
        return Begin(start, after=tuple(after), choices=tuple(languages.values()))
    _tell_prompt(loaded, document)
    start, *after = tokenizer.prefix_tokens
    return Begin(start, after=tuple(after))


def _tell_prompt(loaded: LoadedModel, document: Document) -> Languages | None:
    """Tell the tokenizer what its prompt says."""
    languages = languages_heard(loaded)
    if not languages:
        _refuse_codes(loaded)
        loaded.tokenizer.set_prefix_tokens(predict_timestamps=False)
        return None
    heard = _language_heard(loaded, document)
    if heard is None:
        raise InputError(
            f"model {loaded.name}: “{document.title}” has no source_lang, and the model is told the"
            " language that it hears; expected source_lang beside the model, one of"
            f" {len(languages)} codes such as en, or no text, for the model to hear it by itself"
        )
    source = _known(loaded, document, heard, list(languages), "source_lang")
    target = _target(loaded, document) or source
    _set_prompt(loaded, source, target)
    return Languages(source, target)


def _set_prompt(loaded: LoadedModel, source: str, target: str | None) -> None:
    task = "transcribe" if target in (None, source) else "translate"
    loaded.tokenizer.set_prefix_tokens(language=source, task=task, predict_timestamps=False)


def _language_heard(loaded: LoadedModel, document: Document) -> str | None:
    """The code of a recording's language, None where neither the corpus says one nor the folder of
    a model that was trained for one."""
    source = _languages(loaded, document)[0] or loaded.generation.get("language")
    return None if source is None else TO_LANGUAGE_CODE.get(source.lower(), source.strip("<|>"))


def _target(loaded: LoadedModel, document: Document) -> str | None:
    """The code of the language to write in. Raises InputError if that is neither the recording's
    own nor English, into which Whisper translates."""
    target = _languages(loaded, document)[1]
    if target not in (None, "en", _language_heard(loaded, document)):
        raise InputError(
            f"model {loaded.name}: target_lang: {target}: it writes what it hears in the language"
            " that it hears, or in English; expected en, or target_lang to be left out"
        )
    return target


def _token(tokenizer: Any, code: str) -> str:
    """The token of a code, which M2M writes between underscores."""
    tokens: dict[str, str] = getattr(tokenizer, "lang_code_to_token", {})
    return tokens.get(code, code)
