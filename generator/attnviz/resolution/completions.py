"""Prompts completed, and targets made, by the models themselves: one document for each of them and
each model."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import torch
from transformers import GenerationConfig

from attnviz.config import Config, ModelSpec
from attnviz.documents import Corpus, Document
from attnviz.engine.cache import Cache, key_of
from attnviz.engine.environment import environment
from attnviz.engine.progress import Progress
from attnviz.errors import InputError
from attnviz.modalities import Family, decode_pieces, encode_text, family_of
from attnviz.models import LoadedModel, device_of, load_writer, pick_device, release_memory
from attnviz.score import Array

Options = dict[str, Any]


@dataclass(frozen=True)
class Start:
    """What a model is to go on with: a document of the corpus, its number, and the model's input
    arrays."""

    number: int
    document: Document
    arrays: Mapping[str, Array]
    options: Options


@dataclass(frozen=True)
class Writer:
    """A model that generates text; `loaded` is it without its weights."""

    loaded: LoadedModel
    spec: ModelSpec
    family: Family

    @property
    def has_target(self) -> bool:
        """Whether it writes into a sequence of its own, and not after the text that it reads."""
        return self.family.has_target

    def load(self) -> Any:
        """The model with its head."""
        return load_writer(self.spec, self.has_target)

    def completes(self, document: Document) -> bool:
        """Whether documents of this kind are for it to complete."""
        return document.kind == self.family.completes


def complete(
    corpus: Corpus, models: Sequence[LoadedModel], config: Config, cache: Cache, progress: Progress
) -> list[Document]:
    """The documents in order; those that wait for a model's words once for each model that has
    some.

    InputError where a generation does not fit into a model's context, or no model generates.
    """
    waiting = {number: d for number, d in enumerate(corpus.documents) if d.lacks_completion}
    specs = {spec.name: spec for spec in config.models}
    writers = (
        [writer for loaded in models if (writer := _writer(loaded, specs[loaded.name]))]
        if waiting
        else []
    )
    starts = [_starts(writer, waiting, config) for writer in writers]
    _refuse(waiting, writers, starts, config)
    made: dict[int, list[Document]] = {}
    for writer, own in zip(writers, starts, strict=True):
        sizes = [float(start.options["max_new_tokens"]) for start in own]
        model = functools.cache(writer.load)  # for the first of them that is not remembered
        for start in progress.steps(f"generate {writer.loaded.name}", own, sizes) if own else ():
            ids = cache.value(
                "completions",
                _key(writer, start),
                lambda s=start, w=writer, load=model: _generate(load(), w, s),  # type: ignore[misc]
            )
            made.setdefault(start.number, []).append(_written(writer, start, ids))
        del model
        release_memory()
    whole = (
        [d] if number not in waiting else _titled(made[number])
        for number, d in enumerate(corpus.documents)
    )
    return [document for own in whole for document in own]


def _writer(loaded: LoadedModel, spec: ModelSpec) -> Writer | None:
    """The model as one that generates; None where it does not."""
    family = family_of(loaded)
    return None if family.completes is None else Writer(loaded, spec, family)


def _starts(writer: Writer, waiting: Mapping[int, Document], config: Config) -> list[Start]:
    found = []
    for number, document in waiting.items():
        if writer.completes(document):
            limit = writer.loaded.limit if writer.has_target else None
            encoded, _ = encode_text(writer.loaded, document, document.text, limit=limit)
            if encoded is not None:
                found.append(Start(number, document, encoded[1], _options(config, document)))
    return found


def _options(config: Config, document: Document) -> Options:
    given = config.documents[document.entry].generate
    seed = config.seed if given.seed is None else given.seed
    return {"max_new_tokens": given.max_new_tokens, "temperature": given.temperature, "seed": seed}


def _refuse(
    waiting: Mapping[int, Document],
    writers: Sequence[Writer],
    starts: Sequence[Sequence[Start]],
    config: Config,
) -> None:
    """Say at once everything that cannot be generated."""
    problems = []
    taken = {start.number for own in starts for start in own}
    for number, document in waiting.items():
        if number not in taken:
            completion = document.kind.completion
            assert completion is not None
            problems.append(
                f"{_place(config, document)}.{completion.key}: no model of the corpus generates"
                f" what follows “{document.title}”; expected {completion.writer} among the models"
            )
    for writer, own in zip(writers, starts, strict=True):
        problems += [problem for start in own if (problem := _too_long(writer, start, config))]
    if problems:
        raise InputError(problems)


def _too_long(writer: Writer, start: Start, config: Config) -> str | None:
    limit, new = writer.loaded.limit, int(start.options["max_new_tokens"])
    held = 1 if writer.has_target else len(start.arrays["input_ids"])
    if limit is None or held + new <= limit:
        return None
    place, name = f"{_place(config, start.document)}.generate.max_new_tokens", writer.loaded.name
    room = f"expected at most {limit - held}" if held < limit else "expected a shorter prompt"
    begun = (
        "the decoder's first token" if writer.has_target else f"{held} of “{start.document.title}”"
    )
    return f"{place}: {new} tokens do not fit after {begun}: {name} takes {limit}; {room}"


def _place(config: Config, document: Document) -> str:
    return config.documents[document.entry].place(config.label, document.entry)


def _key(writer: Writer, start: Start) -> str:
    loaded = writer.loaded
    arrays = {name: array.tolist() for name, array in start.arrays.items()}
    model = [loaded.weights_sha256, writer.spec.dtype, str(loaded.model.config.to_dict())]
    return key_of(
        model, environment(pick_device(writer.spec)), arrays, start.options, sys.modules[__name__]
    )


def _generate(model: Any, writer: Writer, start: Start) -> list[int]:
    """The tokens that the model chose: a prompt's with it, a target's from the decoder's start
    token on."""
    options = start.options
    inputs = {
        name: torch.from_numpy(array)[None].to(device_of(model))
        for name, array in start.arrays.items()
    }
    inputs.pop("token_type_ids", None)
    drawn: Options = {"do_sample": False}
    if options["temperature"] > 0:
        drawn = {"do_sample": True, "temperature": options["temperature"]}
    wanted = _PLAIN | drawn | {"max_new_tokens": options["max_new_tokens"]}
    chosen = GenerationConfig(**wanted)  # type: ignore[no-untyped-call]
    try:
        with torch.random.fork_rng(), torch.inference_mode():
            torch.manual_seed(options["seed"])
            ids: list[int] = model.generate(**inputs, generation_config=chosen)[0].tolist()
    except RuntimeError as error:
        if "probability tensor" not in str(error):
            raise
        name = writer.loaded.name
        raise InputError(
            f"model {name}: what follows “{start.document.title}” has probabilities that are not"
            " numbers: the temperature is too small, or its weights overflow; try temperature: 0,"
            " or dtype: float32"
        ) from error
    ends = model.generation_config.eos_token_id
    if (
        writer.has_target
        and len(ids) > 1
        and ids[-1] in (ends if isinstance(ends, list) else [ends])
    ):
        return ids[:-1]  # nothing attends from the end: the decoder is not asked what follows it
    return ids


# What a model's own settings would do beside temperature is left out: the tokens are those that it
# finds likely.
_PLAIN: Final = {
    "num_beams": 1,
    "top_k": 0,
    "top_p": 1.0,
    "repetition_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "min_length": 0,
    "num_return_sequences": 1,
}


def _written(writer: Writer, start: Start, ids: Sequence[int]) -> Document:
    """The document with what the model wrote."""
    tokenizer, document = writer.loaded.tokenizer, start.document
    if writer.has_target:
        text = document.text + "\n" + "".join(decode_pieces(tokenizer, ids))
        second = len(document.text) + 1
    else:
        prompt = start.arrays["input_ids"].tolist()
        text = document.text + "".join(decode_pieces(tokenizer, ids[len(prompt) :], prompt))
        second = len(document.text)
    return replace(document, text=text, second=second, models=(writer.loaded.name,), ids=tuple(ids))


def _titled(made: Sequence[Document]) -> list[Document]:
    """One prompt's documents, told apart by their models where there are several."""
    if len(made) == 1:
        return list(made)
    return [replace(d, title=f"{d.title} · {d.models[0]}") for d in made if d.models]
