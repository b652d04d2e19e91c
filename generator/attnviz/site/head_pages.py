"""The context of the page of one head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from attnviz.format.manifest import Head, Manifest, Model, Stack
from attnviz.site.contexts import Fact, Figure, HeadPage, HeadPicture, Link, PairRow
from attnviz.site.leading import (
    labels_in_words,
    leading_labels,
    rest_of,
    resting_keys_in_words,
    rests_often,
)
from attnviz.site.map_words import map_rows, map_sentences
from attnviz.site.policy import page_policy
from attnviz.site.previews import preview_address, preview_path
from attnviz.site.story import STORY
from attnviz.site.wording import (
    bounds_sentence,
    certificate_sentences,
    count_of,
    measure,
    number,
    percent,
    plus_minus,
    score_rule,
    verdict,
)

NOTICES_SHOWN = 5

HeadPictures = Mapping[tuple[str, str], HeadPicture]
"""What pages show of shards, by name of the model and of the head, such as ("minilm", "L5H3")."""


def head_page(
    report: Manifest, model: Model, head: Head, picture: HeadPicture | None, *, with_story: bool
) -> HeadPage:
    """The context of the page of one head; `with_story` says whether the report has a story."""
    notices = [notice.message for notice in report.notices if notice.model in (None, model.name)]
    return HeadPage(
        title=report.title,
        model=model.title,
        head=model.head_id(head),
        name=_name(model, head),
        description=_description(model, head),
        csp=page_policy(),
        theme=report.site.theme,
        address=(
            None
            if report.site.url is None
            else f"{report.site.url.rstrip('/')}/{quote(head_path(model, head))}"
        ),
        preview=preview_address(report, preview_path(report, model, head)),
        root="../../",
        story=f"../../{STORY}" if with_story else None,
        viewer=f"../../index.html#{urlencode(_selection(model, head))}",
        labels=tuple(_labels(model, head)),
        rest=_rest(model, head),
        picture=picture,
        pairs=tuple(
            PairRow(pair.query, pair.key, percent(pair.share), f"{number(pair.lift)} ×")
            for pair in head.pairs
        ),
        figures=tuple(_figures(model, head)),
        maps=tuple(map_rows(model, head)),
        map_words=tuple(map_sentences(model, head)),
        verdict=verdict(head.certificate),
        certificate=(
            *certificate_sentences(head.certificate),
            bounds_sentence(report.fidelity),
        ),
        capture=tuple(_capture(model, head)),
        neighbours=tuple(_neighbours(model, head)),
        notices=tuple(notices[:NOTICES_SHOWN]),
        more_notices=max(0, len(notices) - NOTICES_SHOWN),
        provenance=tuple(_provenance(report, model)),
    )


def head_path(model: Model, head: Head) -> str:
    """Where a head's page lies in the report."""
    return f"heads/{model.name}/{model.head_id(head)}.html"


def document_link(model: Model, head: Head, document: int) -> str:
    """The link from a head's page that opens a document under it in the viewer."""
    selection = _selection(model, head) | {"view": "document", "doc": str(document)}
    return f"../../index.html#{urlencode(selection)}"


def _selection(model: Model, head: Head) -> dict[str, str]:
    """The link keys that open the head in the viewer: its map, or its documents if it has none."""
    return {
        "model": model.name,
        "head": model.head_id(head),
        "view": "head" if head.maps else "document",
    }


def _name(model: Model, head: Head) -> str:
    name = f"layer {head.layer}, head {head.head}"
    return name.capitalize() if len(model.stacks) == 1 else f"{head.stack.capitalize()}, {name}"


def _description(model: Model, head: Head) -> str:
    """What the head does, and how true what is stored of it is, in a line."""
    words = ", ".join(labels_in_words(model, head)) or "no label"
    return f"{_name(model, head)} of {model.title}: {words}. {verdict(head.certificate)}"


def _labels(model: Model, head: Head) -> Iterator[Figure]:
    kinds = {kind.name: kind for kind in model.labels}
    for label in leading_labels(head):
        kind = kinds.get(label.name)
        error = None if label.standard_error is None else 100 * label.standard_error
        yield Figure(
            title=label.name if kind is None else kind.title,
            value=percent(label.score) + plus_minus(error),
            description="" if kind is None else kind.description,
        )


def _rest(model: Model, head: Head) -> str | None:
    if not rests_often(head):
        return None
    titles = {kind.name: kind.title for kind in model.labels}
    labels = [f"{titles.get(each.name, each.name)} {percent(each.score)}" for each in head.labels]
    where = resting_keys_in_words(_stack(model, head), head, model.attention_by is not None)
    rows = percent(head.statistics.get("asleep") or 0)
    with_these = (
        f"Labels with these: {', '.join(labels)}." if labels else "With these it has no label."
    )
    return (
        f"{percent(rest_of(head) or 0)} of its attention rests on {where}, more than half in {rows}"
        f" of rows. {with_these}"
    )


def _figures(model: Model, head: Head) -> Iterator[Figure]:
    for statistic in model.statistics:
        value = measure(head.statistics.get(statistic.name), statistic.unit)
        error = head.standard_errors.get(statistic.name)
        if error is not None and statistic.unit == "share":
            error *= 100  # percentage points
        yield Figure(statistic.title, value + plus_minus(error), statistic.description)


def _capture(model: Model, head: Head) -> Iterator[Fact]:
    stack = _stack(model, head)
    for captured in model.captures:
        if (captured.stack, captured.layer) == (head.stack, head.layer):
            yield Fact("Module", captured.module)
            yield Fact("Captured by", captured.line)
    given = model.attention_by is not None
    yield Fact("Score rule", score_rule(model.rules[head.rule], head.sink, given))
    if stack.kv_heads != stack.heads:
        yield Fact("Keys", f"shared: kv head {head.kv_head} of {stack.kv_heads}")
    yield Fact("Head size", f"{stack.head_size} channels")
    yield Fact("Stored as", ", ".join(dict.fromkeys(head.encodings)))


def _stack(model: Model, head: Head) -> Stack:
    return next(stack for stack in model.stacks if stack.name == head.stack)


def _neighbours(model: Model, head: Head) -> Iterator[Link]:
    """Links to the heads before and after in the layer, and to the same head in the layers above
    and below, past those without attention."""
    by_place = {
        (other.layer, other.head): other for other in model.heads if other.stack == head.stack
    }
    above = [layer for layer, number in by_place if layer < head.layer and number == head.head]
    below = [layer for layer, number in by_place if layer > head.layer and number == head.head]
    around = {
        "prev": (head.layer, head.head - 1),
        "next": (head.layer, head.head + 1),
        "up": (max(above, default=-1), head.head),
        "down": (min(below, default=-1), head.head),
    }
    for rel, place in around.items():
        other = by_place.get(place)
        if other is not None:
            label = model.head_id(other)
            yield Link(label, f"{quote(label)}.html", rel)


def _model_provenance(model: Model) -> Iterator[Fact]:
    if model.attention_by is not None:
        yield Fact("Attention", f"as given by {model.attention_by}; no model ran")
        return
    revision = f", revision {model.revision}" if model.revision else ""
    parameters = count_of(model.parameters, "parameter")
    yield Fact("Model", f"{model.source}{revision} ({model.architecture}, {parameters})")
    yield Fact("Weights", f"SHA-256 {model.weights_sha256}")


def _provenance(report: Manifest, model: Model) -> Iterator[Fact]:
    provenance = report.provenance
    yield from _model_provenance(model)
    if model.quantization is not None:
        yield Fact("Quantised by", model.quantization)
    if model.adapter is not None:
        adapter = model.adapter
        words = f"{adapter.source} ({adapter.method}), merged into these weights"
        yield Fact("Adapter", f"{words}; SHA-256 {adapter.sha256}")
    if model.unneeded:
        yield Fact(
            "Not in its checkpoint", f"{', '.join(model.unneeded)}: no attention depends on it"
        )
    yield Fact(
        "Corpus", f"{provenance.corpus.name}, {count_of(report.documents.count, 'document')}"
    )
    for source in provenance.sources:
        facts = [source.source or "source not stated", f"licence: {source.licence or 'not stated'}"]
        facts += [f"commit {source.revision}"] if source.revision else []
        yield Fact(source.name, f"{count_of(source.documents, 'document')}; {'; '.join(facts)}")
    yield Fact("Made by", f"{provenance.generator}, on {provenance.device}")
    yield Fact(
        "With",
        ", ".join(f"{package} {version}" for package, version in provenance.versions.items()),
    )
