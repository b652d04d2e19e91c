"""Prompts completed, and targets made, by the models themselves: one document for each of them and
each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from attnviz.config import Config, ModelSpec
from attnviz.config.entries import Generate
from attnviz.documents import Corpus, Document, Notice
from attnviz.engine.engine import Engine
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.pair import joined
from attnviz.modalities.registry import family_of
from attnviz.modalities.token_spans import decode_pieces
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import release_memory
from attnviz.resolution.arriving import lazy_model
from attnviz.resolution.generation import Options, Prompt, Writer, generate


@dataclass(frozen=True)
class Begun:
    """What a model is to go on with: a document of the corpus, its number, and the prompt."""

    number: int
    document: Document
    prompt: Prompt


def complete(
    corpus: Corpus, models: Sequence[LoadedModel], config: Config, engine: Engine
) -> tuple[list[Document], list[Notice]]:
    """The documents in order; those that lack a completion once for each model that writes one;
    and for each model a notice if some of its texts end where it was stopped.

    Raises InputError if a completion does not fit into a model's context, or if no model writes
    one.
    """
    waiting = {
        number: document
        for number, document in enumerate(corpus.documents)
        if document.lacks_completion
    }
    if not waiting:
        return list(corpus.documents), []
    specs = {spec.name: spec for spec in config.models}
    writers = [writer for loaded in models if (writer := _writer(loaded, specs[loaded.name]))]
    starts = [_starts(writer, waiting, config) for writer in writers]
    _refuse(waiting, writers, starts, config)
    completed: dict[int, list[Document]] = {}
    notices: list[Notice] = []
    for writer, of_writer in zip(writers, starts, strict=True):
        written = _completed(writer, of_writer, engine)
        for start, document in written:
            completed.setdefault(start.number, []).append(document)
        notices += _stopped(writer, written)
        release_memory()
    families = {loaded.name: family_of(loaded) for loaded in models}
    documents: list[Document] = []
    for number, document in enumerate(corpus.documents):
        documents += _with_others(document, _titled(completed.get(number, [])), families)
    return documents, notices


def _with_others(
    document: Document, completed: Sequence[Document], families: Mapping[str, Family]
) -> list[Document]:
    """A document's completions, and itself for models that read it as it is."""
    if not completed:
        return [document]
    completion = document.kind.completion
    if completion is None or not completion.optional:
        return list(completed)
    written = {name for each in completed for name in each.models or ()}
    others = tuple(name for name in families if name not in written and document.is_for(name))
    if any(families[name].reads(document.kind) for name in others):
        return [replace(document, models=others), *completed]
    # They are to say of one of them that they do not read it.
    first, *rest = completed
    return [replace(first, models=(*(first.models or ()), *others)), *rest]


def _completed(
    writer: Writer, starts: Sequence[Begun], engine: Engine
) -> list[tuple[Begun, Document]]:
    """Each document with what the model writes; the model is loaded for the first that is not
    remembered, and gone at the end."""
    if not starts:
        return []
    lazy = lazy_model(writer)
    calls = [generate.of(lazy, start.prompt) for start in starts]
    sizes = [float(start.prompt.options.max_new_tokens) for start in starts]
    pieces = engine.each(f"generate {writer.loaded.name}", calls, sizes)
    return [
        (start, _written(writer, start, piece.value))
        for start, piece in zip(starts, pieces, strict=True)
    ]


def _writer(loaded: LoadedModel, spec: ModelSpec) -> Writer | None:
    """The model as one that generates; None where it does not."""
    family = family_of(loaded)
    return None if family.completes is None else Writer(loaded, spec, family)


def _starts(writer: Writer, waiting: Mapping[int, Document], config: Config) -> list[Begun]:
    """What the model is to go on with: those of the waiting documents that are for it."""
    starts = []
    for number, document in waiting.items():
        if writer.completes(document):
            start = writer.family.start(document)
            if start is not None:
                options = _options(config, document, writer.family.most_new_tokens(start))
                prompt = Prompt(start.arrays, options, start.begin, document.title)
                starts.append(Begun(number, document, prompt))
    return starts


def _options(config: Config, document: Document, most_new_tokens: int) -> Options:
    options = config.documents[document.entry].generate or Generate()
    seed = config.seed if options.seed is None else options.seed
    most = most_new_tokens if options.max_new_tokens is None else options.max_new_tokens
    return Options(most, options.temperature, seed)


def _refuse(
    waiting: Mapping[int, Document],
    writers: Sequence[Writer],
    starts: Sequence[Sequence[Begun]],
    config: Config,
) -> None:
    """Raises InputError with everything that cannot be generated, if there is anything."""
    problems = []
    begun = {start.number for of_writer in starts for start in of_writer}
    for number, document in waiting.items():
        if number not in begun:
            completion = document.kind.completion
            assert completion is not None
            if completion.optional and config.documents[document.entry].generate is None:
                continue
            problems.append(
                f"{_place(config, document)}.{completion.key}: no model of the corpus generates"
                f" what follows “{document.title}”; expected {completion.writer} among the models"
            )
    for writer, of_writer in zip(writers, starts, strict=True):
        problems += [
            problem for start in of_writer if (problem := _too_long(writer, start, config))
        ]
    if problems:
        raise InputError(problems)


def _too_long(writer: Writer, start: Begun, config: Config) -> str | None:
    """What is wrong where prompt and completion are more tokens than the model takes; else None."""
    loaded, new = writer.loaded, start.prompt.options.max_new_tokens
    limit = loaded.target_limit if writer.has_target else loaded.limit
    prompt_tokens = start.prompt.arrays.get("input_ids", ())
    before = start.prompt.begin.tokens if writer.has_target else len(prompt_tokens)
    if limit is None or before + new <= limit:
        return None
    place, name = f"{_place(config, start.document)}.generate.max_new_tokens", writer.loaded.name
    room = f"expected at most {limit - before}" if before < limit else "expected a shorter prompt"
    title = start.document.title
    prompt = f"{before} of “{title}”"
    if writer.has_target:
        prompt = "the decoder's first token" if before == 1 else f"the decoder's first {before}"
    return f"{place}: {new} tokens do not fit after {prompt}: {name} takes {limit}; {room}"


def _place(config: Config, document: Document) -> str:
    return config.documents[document.entry].place(config.label, document.entry)


def _written(writer: Writer, start: Begun, ids: Sequence[int]) -> Document:
    """The document with what the model wrote."""
    tokenizer, document = writer.loaded.tokenizer, start.document
    if writer.has_target:
        written = "".join(decode_pieces(tokenizer, ids))
        text, second = joined(document.text, written) if document.text else (written, None)
    else:
        prompt = start.prompt.arrays["input_ids"].tolist()
        text = document.text + "".join(decode_pieces(tokenizer, ids[len(prompt) :], prompt))
        second = len(document.text)
    completion, models = document.kind.completion, (writer.loaded.name,)
    kind = (completion and completion.becomes) or document.kind
    return replace(document, kind=kind, text=text, second=second, models=models, ids=tuple(ids))


def _stopped(writer: Writer, written: Sequence[tuple[Begun, Document]]) -> list[Notice]:
    """What is to be said of texts that end where the model was stopped, and not where it ended."""
    stopped = [
        (start, document)
        for start, document in written
        if _new_tokens(writer, start, document) >= start.prompt.options.max_new_tokens
        and (document.ids or ())[-1] not in writer.ends
    ]
    if not stopped:
        return []
    start, _ = stopped[0]
    name, most = writer.loaded.name, start.prompt.options.max_new_tokens
    others = f" and {len(stopped) - 1:,} more" if len(stopped) > 1 else ""
    message = (
        f"{name}: what it wrote for “{start.document.title}”{others} ends where it was stopped,"
        f" after {most:,} tokens, and not where it would have ended: generate.max_new_tokens takes"
        " more"
    )
    return [Notice("stopped", message, None, name)]


def _new_tokens(writer: Writer, start: Begun, document: Document) -> int:
    prompt = start.prompt.arrays.get("input_ids", ())
    before = start.prompt.begin.tokens if writer.has_target else len(prompt)
    return len(document.ids or ()) - before


def _titled(documents: Sequence[Document]) -> list[Document]:
    """One prompt's documents, told apart by their models where there are several."""
    if len(documents) == 1:
        return list(documents)
    return [replace(d, title=f"{d.title} · {d.models[0]}") for d in documents if d.models]
