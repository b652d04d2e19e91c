"""What parts of a model add to logits, held against each other: a token's parts sum to its logit,
and what a head adds by each key sums to what it adds."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.format.columns import LOGIT_MEANINGS
from attnviz.format.manifest import Attribution, Model
from attnviz.reader.attribution import DocumentAttribution, document_attribution, stored_pairs
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import StoredAttention
from attnviz.score import Array

_ALIKE: Final = 1.1e-3
"""By so much of the largest number a build lets logits be off from the sum of parts: a thousandth
for the unembedding, and a tenth of that for what stands between blocks."""
_FEWER_BITS: Final = 50.0
"""So many times that, of a model that runs in fewer bits than float32."""
_UNSEEN: Final = "how far parts of logits are off: that needs the model"


def compare_attribution(store: ShardStore, model: Model, findings: Findings) -> None:
    """Hold the parts of a model's logits against these, token by token, and pairs of tokens against
    the parts that they make up, head by head."""
    entry = None if model.writes is None else model.writes.attribution
    if entry is None or not entry.shards:
        return
    comparison = _Comparison(store, model, entry, findings)
    comparison.compare_steps()
    for document in comparison.documents(entry.shards):
        comparison.compare(document)


class _Comparison:
    """One model's attribution."""

    def __init__(
        self, store: ShardStore, model: Model, entry: Attribution, findings: Findings
    ) -> None:
        self._store, self._model, self._entry, self._findings = store, model, entry, findings
        self._attention = StoredAttention(store)
        self._alike = _ALIKE * (1.0 if model.dtype in ("float32", "float64") else _FEWER_BITS)

    def documents(self, shards: list[str]) -> list[int]:
        """Those that shards are of, ascending."""
        return [int(number) for number in np.unique(self._column(shards, "document"))]

    def compare_steps(self) -> None:
        """The stated errors against the steps of the codes: none may be more than half of one, the
        largest; how much they are needs the model."""
        entry = self._entry
        for figure, error, shards in (
            ("error", entry.error, entry.shards),
            ("pairs_error", entry.pairs_error, entry.pairs),
        ):
            self._findings.skip(_UNSEEN, int(error is not None))
            half = self._column(shards, "scales").max(initial=0.0) / 2
            self._findings.compare(
                f"{self._model.name}, attribution",
                f"{figure} is within half a step of the codes",
                stated=True,
                recomputed=(error or 0.0) <= half * (1 + 1e-6),
            )

    def compare(self, document: int) -> None:
        """Every token of a document, and the pairs of every head of which there are any."""
        parts = document_attribution(self._store, self._model, document)
        self._compare_logits(document, parts)
        for number in range(len(self._model.heads) if self._entry.pairs else 0):
            self._compare_pairs(document, number, parts.heads[:, number])

    def _compare_logits(self, document: int, parts: DocumentAttribution) -> None:
        known = np.nan_to_num(parts.heads)
        sums = known.sum(-1) + sum(parts.by_layer[name].sum(-1) for name in LOGIT_MEANINGS)
        sums = sums + sum(parts.by_token[name] for name in ("embedding", "last_bias", "between"))
        logits = parts.by_token["logits"]
        of_heads = known.shape[-1] * (self._entry.error or 0.0)
        allowed = of_heads + self._alike * float(np.abs(logits).max(initial=0.0))
        for token, (logit, again) in enumerate(zip(logits, sums, strict=True)):
            self._findings.compare(
                f"{self._model.name}, document {document}, token {token}",
                "logit of the next token, as the sum of its parts",
                stated=float(logit),
                recomputed=float(again),
                allowed=allowed,
                file=self._file(self._entry.shards, document),
            )

    def _compare_pairs(self, document: int, number: int, of_head: Array) -> None:
        """The token of a head whose pairs are furthest from what it adds."""
        head = self._model.heads[number]
        pairs = stored_pairs(
            self._store, self._attention, self._model, head, document, len(of_head)
        )
        if pairs is None:
            return
        shards = [
            name
            for name in self._entry.pairs
            if (self._store.manifest.shards[name].stack, self._store.manifest.shards[name].layer)
            == (head.stack, head.layer)
        ]
        again = pairs.sum(-1)
        token = int(np.abs(again - of_head).argmax())
        of_codes = pairs.shape[-1] * (self._entry.pairs_error or 0.0) + (self._entry.error or 0.0)
        self._findings.compare(
            f"{self._model.name} {self._model.head_id(head)}, document {document}, token {token}",
            "what the head adds to the logit, as the sum over keys",
            stated=float(of_head[token]),
            recomputed=float(again[token]),
            allowed=of_codes + self._alike * float(np.abs(pairs).sum(-1).max(initial=0.0)),
            file=self._file(shards, document),
        )

    def _file(self, shards: list[str], document: int) -> str:
        """The first file that has rows of a document."""
        entries = (self._store.manifest.shards[name] for name in shards)
        return next(of.path for of in entries if document in range(*(of.documents or (0, 0))))

    def _column(self, shards: list[str], name: str) -> Array:
        """The numbers of a column of all shards, lists of them one after another."""
        columns: list[Any] = [self._store.table(shard)[name] for shard in shards]
        flat = [of.combine_chunks() for of in columns]
        arrays = [getattr(of, "values", of).to_numpy() for of in flat]
        return np.concatenate(arrays) if arrays else np.zeros(0)
