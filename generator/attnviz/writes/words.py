"""What is said of what heads write: what is left out, and why."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.result import Layer
from attnviz.documents.document import Notice
from attnviz.writes.document_attribution import MOST_TOKENS, AttributedBatch
from attnviz.writes.outputs import ModelOutput

NOT_HERE = "only what was captured of the model is here; build where the model is"


def missing_parts(
    layers: Sequence[Layer], output: ModelOutput, next_tokens: bool, types: bool
) -> list[str]:
    """What is not known of a model, each with its reason, in sentences without a full stop."""
    parts = []
    pairs = list(zip(layers, output.layers, strict=True))
    outside = [layer for layer, known in pairs if not known.projected]
    if outside:
        parts.append(
            f"what heads of {named(outside, layers)} write is not known: no projection takes in"
            " what they bring as it is"
        )
    normed = [layer for layer, known in pairs if known.projected and known.factor is None]
    if normed:
        parts.append(
            f"blocks of {named(normed, layers)} do not add what attention puts out to what they"
            " read (they norm it, or the sum), so neither next tokens nor composition follow from"
            " weights; the lengths of what heads put out remain"
        )
    added = [layer for layer, known in pairs if known.factor is not None]
    if added and not next_tokens and types:
        why = (
            "has no unembedding of its last norm's size"
            if output.norm
            else "has no last norm that is linear up to its scale"
        )
        parts.append(f"which next tokens are raised is not known: the model {why}")
    if not types and len(outside) < len(layers):
        parts.append(
            "its documents have no types of tokens, so what is written at them is left out"
        )
    unread = [
        layer
        for layer, known in pairs
        if known.projected and known.factor is not None and not known.reads and not layer.cross
    ]
    if unread:
        parts.append(
            f"composition with heads of {named(unread, layers)} is not known: their queries, keys"
            " and values are not columns of projections of what the block reads"
        )
    crossed = [layer for layer, known in pairs if known.factor is not None and layer.cross]
    if crossed:
        parts.append(
            f"composition with heads of {named(crossed, layers)} is not shown: what they attend to"
            " is of another stack"
        )
    return parts


def missing_notice(model: str, parts: Sequence[str]) -> list[Notice]:
    """One notice of all that is left out; none of nothing."""
    if not parts:
        return []
    return [Notice("writes", f"{model}: {'; '.join(parts)}", None, model)]


def missing_attribution(
    layers: Sequence[Layer], batches: Sequence[AttributedBatch], with_pairs: bool
) -> list[str]:
    """What is not known of what parts add to logits, each with its reason, as of
    `missing_parts`."""
    reasons = dict.fromkeys(batch.reason for batch in batches if batch.reason)
    if reasons:
        return [f"what heads add to logits is not known: {reason}" for reason in reasons]
    documents = [document for batch in batches for document in batch.documents]
    untold = sorted({number for document in documents for number in document.untold})
    parts = list(dict.fromkeys(part for document in documents for part in document.left_out))
    if untold:
        named_layers = named([layers[number] for number in untold], layers)
        parts.append(
            f"what heads of {named_layers} add to logits is not told apart from the rest of their"
            " blocks, which do not simply add what attention and a feed-forward layer put out"
        )
    long = sum(document.tokens >= MOST_TOKENS for document in documents)
    if with_pairs and long:
        which = "one document has" if long == 1 else f"{long:,} documents have"
        parts.append(
            f"{which} more than {MOST_TOKENS} tokens: what pairs of these add to logits is not"
            " stored"
        )
    told = set(range(len(layers))) - set(untold)
    paired = {number for document in documents for number in document.pairs}
    if with_pairs and (unpaired := sorted(told - paired)) and long < len(documents):
        parts.append(
            f"what pairs of {named([layers[n] for n in unpaired], layers)} add to logits is not"
            " known: what these heads bring is not values in proportion to attention"
        )
    return parts


def not_here(model: str) -> str:
    """Of a model that is not here, in a sentence without a full stop."""
    return f"{model}: what heads write is not measured: {NOT_HERE}"


def not_here_notice(model: str) -> Notice:
    """The same as a notice."""
    return Notice("writes", not_here(model), None, model)


def named(some: Sequence[Layer], every: Sequence[Layer]) -> str:
    """Some layers of a model in words, those after the third by their number."""
    if len(some) == len(every):
        return "all layers"
    names = [f"{layer.stack} layer {layer.layer}" for layer in some]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
