"""A report's figures, one by one, recomputed from its shards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from attnviz.audit.attribution import compare_attribution
from attnviz.audit.certificates import compare_certificates
from attnviz.audit.components import ComponentsAudit
from attnviz.audit.corpus import compare_corpus
from attnviz.audit.examples import ExamplesAudit
from attnviz.audit.findings import Findings
from attnviz.audit.labels import compare_labels
from attnviz.audit.likeness import compare_likeness
from attnviz.audit.maps import LayerMaps
from attnviz.audit.notices import compare_notices
from attnviz.audit.pages import compare_pages
from attnviz.audit.series import compare_series
from attnviz.audit.spaces import compare_spaces
from attnviz.audit.stacks import compare_stacks
from attnviz.audit.statistics import LayerAudit
from attnviz.audit.stored_layer import StoredDocument, StoredLayer, layers_of
from attnviz.documents.tokens import Tokens
from attnviz.format.columns import LABEL
from attnviz.format.manifest import Model
from attnviz.heads.label_tests import document_columns
from attnviz.heads.pairs import Types, frequent_types
from attnviz.reader.documents import read_tokens
from attnviz.reader.report import Report
from attnviz.reader.selecting import axis_of
from attnviz.reader.store import ShardStore
from attnviz.sampling import measured_rows

Follow = Callable[[str, list[StoredLayer]], Iterable[StoredLayer]]
"""Shows how far a loop over layers is, under a name."""

_SELF_CHECK: Final = "self-checks of a model on a sample text: they need the model"
_UNSTORED: Final = (
    "heads whose statistics, maps and spaces are of documents whose attention is not stored"
)


def audit(folder: Path, follow: Follow) -> Findings:
    """Recompute what a report states. Raises ReportError if it cannot be read: run
    `reader.check.check` first."""
    store = ShardStore(folder, Report(folder).manifest)
    findings = Findings()
    compare_corpus(store, findings)
    compare_notices(store, findings)
    compare_pages(store, findings)
    for model in store.manifest.models:
        compare_stacks(model, findings)
        findings.skip(_SELF_CHECK, 2)
        _audit_model(store, model, findings, follow)
    compare_series(store, findings)
    return findings


def _audit_model(store: ShardStore, model: Model, findings: Findings, follow: Follow) -> None:
    tokens = _Tokens(store, model)
    layers = list(layers_of(store, model))
    for layer in follow(f"recompute {model.name}", layers):
        axes = layer.stack.query_axis, layer.stack.key_axis
        types = tokens.types(axes[0]), tokens.types(axes[1])
        statistics = LayerAudit(layer, tokens.of, types, tokens.labels)
        examples = None if model.examples is None else ExamplesAudit(store, layer, tokens.of)
        components = None if model.components is None else ComponentsAudit(store, layer, tokens.of)
        rows = 0
        for document in layer.documents():
            statistics.add(document)
            if components is not None:
                components.add(document)
            rows += _measured(document)
            if examples is not None:
                examples.add(document)
        if examples is not None:
            examples.compare(findings)
        if components is not None:
            components.compare(findings)
        compare_certificates(layer, rows, store.manifest.fidelity, findings)
        if model.kept is not None:
            findings.skip(_UNSTORED, len(layer.heads))
            continue
        statistics.compare(findings)
        maps = LayerMaps(store, layer)
        maps.compare(findings)
        compare_spaces(layer, maps, findings)
    compare_labels(model, findings)
    compare_attribution(store, model, findings)
    for layout in model.layouts if model.kept is None else ():
        compare_likeness(layers, layout, tokens.of, store.manifest.provenance.seed, findings)


def _measured(document: StoredDocument) -> int:
    """The rows that a document's certificate is measured on."""
    rows = measured_rows(document.intervals, len(document.heads))
    return sum(int(document.intervals.rows(block).defined.sum()) for block in rows)


class _Tokens:
    """A model's tokens, by axis and document."""

    def __init__(self, store: ShardStore, model: Model) -> None:
        self._store, self._model = store, model
        tests = [kind.test for kind in model.labels if kind.test is not None]
        self._asked = document_columns(tests) & set(store.manifest.documents.labels)
        self.of = lru_cache(maxsize=4096)(self._read)
        self.types = lru_cache(maxsize=None)(self._types)

    def _read(self, axis: str, document: int) -> Tokens | None:
        shards = self._store.manifest.documents.shards
        text = str(self._store.column(shards, "text")[document])
        stored = read_tokens(self._store, axis_of(self._model, axis), document, text)
        if not len(stored):
            return None
        places = zip(stored.start.tolist(), stored.end.tolist(), strict=True)
        characters = tuple(text[start:end] if start >= 0 else "" for start, end in places)
        plain = zip(stored.names, characters, stored.texts, strict=True)
        return Tokens(
            characters=characters,
            names=tuple(None if name == (a or b) else name for name, a, b in plain),
            ids=stored.ids,
            texts=stored.texts,
            start=stored.start,
            end=stored.end,
            special=stored.special,
            segment=stored.segment,
            row=stored.row,
            column=stored.column,
            labels=stored.labels,
        )

    def labels(self, document: int) -> dict[str, str | None]:
        """A document's own labels by column."""
        documents = self._store.manifest.documents
        columns = {name: self._store.column(documents.shards, LABEL + name) for name in self._asked}
        return {name: column[document] for name, column in columns.items()}

    def _types(self, axis: str) -> Types:
        count = self._store.manifest.documents.count
        return frequent_types(self.of(axis, number) for number in range(count))
