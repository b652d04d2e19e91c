"""Conversations as texts: one document for each of them and each chat template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from attnviz.config import Config
from attnviz.config.made_columns import TURN
from attnviz.documents import Document
from attnviz.errors import InputError
from attnviz.modalities.conversation import CONVERSATION
from attnviz.modalities.registry import family_of
from attnviz.modalities.text import TEXT
from attnviz.models.loaded import LoadedModel


def write_chats(
    documents: Sequence[Document], models: Sequence[LoadedModel], config: Config
) -> list[Document]:
    """The documents in order, conversations as the texts that the models' chat templates make of
    them; models whose templates write the same share a document.

    Raises InputError if a model that reads texts has no template, or one that refuses a
    conversation.
    """
    readers = [loaded for loaded in models if family_of(loaded).reads(TEXT)]
    others = tuple(loaded.name for loaded in models if loaded not in readers)
    resolved: list[Document] = []
    problems: dict[str, None] = {}
    for document in documents:
        if document.kind != CONVERSATION or not readers:
            resolved.append(document)
            continue
        place = config.documents[document.entry].place(config.label, document.entry)
        texts: dict[str, list[str]] = {}
        for loaded in readers:
            try:
                texts.setdefault(_write(loaded, document), []).append(loaded.name)
            except InputError as error:
                problems |= dict.fromkeys(f"{place}.messages: {e}" for e in error.problems)
        resolved += _chats(document, texts, others)
    if problems:
        raise InputError(list(problems))
    return resolved


def _chats(
    document: Document, texts: dict[str, list[str]], others: tuple[str, ...]
) -> list[Document]:
    """A document for each text; models that read no texts are to say so of the first."""
    several = len(texts) > 1
    chats = []
    for number, (text, names) in enumerate(texts.items()):
        models = (*names, *others) if number == 0 else tuple(names)
        title = f"{document.title} · {names[0]}" if several else document.title
        chats.append(
            replace(
                document,
                title=title,
                text=text,
                kind=TEXT,
                models=models if several else document.models,
                messages=(),
                token_labels={TURN: turns} if (turns := turns_of(text, document.messages)) else {},
                add_special_tokens=False,
            )
        )
    return chats


def turns_of(text: str, messages: Sequence[tuple[str, str]]) -> tuple[tuple[int, int, str], ...]:
    """Where each message stands in the text that a template made of them, named by its number and
    role; those that the template did not write as they are have no place.

    >>> turns_of("user: Hi! bot: Hi!", [("user", "Hi!"), ("bot", " Hi! ")])
    ((6, 9, '1 user'), (15, 18, '2 bot'))
    """
    turns, after = [], 0
    for number, (role, content) in enumerate(messages, 1):
        words = content.strip()
        start = text.find(words, after) if words else -1
        if start >= 0:
            after = start + len(words)
            turns.append((start, after, f"{number} {role}"))
    return tuple(turns)


def _write(loaded: LoadedModel, document: Document) -> str:
    """What the model's chat template makes of a conversation, special tokens included."""
    tokenizer = loaded.tokenizer
    if not getattr(tokenizer, "chat_template", None):
        raise InputError(
            f"the tokenizer of {loaded.name} has no chat template; expected a model that has one,"
            " or the conversation as a text: {text: [...]}"
        )
    messages = [{"role": role, "content": content} for role, content in document.messages]
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False))
    # A template is a program of the model's author: it may raise anything.
    except Exception as error:
        raise InputError(
            f"the chat template of {loaded.name} refuses “{document.title}” ({error}); expected"
            " roles, and an order of them, that it takes"
        ) from error
