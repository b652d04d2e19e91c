"""The Python API of a built report: `attnviz.open_report(folder)`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from attnviz.aggregates import mean_by_position, mean_of, rollout
from attnviz.errors import InputError
from attnviz.format.manifest import Certificate, Head, Manifest, MapFigures, Model
from attnviz.reader.attribution import head_attribution, head_pairs, logit_table
from attnviz.reader.components import components_table, interaction_figures, score_table
from attnviz.reader.documents import ReportDocuments, read_document
from attnviz.reader.effects import effect_of, effects_table
from attnviz.reader.examples import examples_table, head_examples
from attnviz.reader.labels import counter_examples_table, labels_table
from attnviz.reader.map_points import find_map, map_points
from attnviz.reader.one_page import advice, cell, make_page, size_bound, start_of
from attnviz.reader.opening import read_manifest, refuse_address
from attnviz.reader.query import run_query
from attnviz.reader.retrieval import retrieval_table
from attnviz.reader.selecting import choose_heads, find_head, find_model, layers_up_to, stack_of
from attnviz.reader.series import over_steps, series_table
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import StoredAttention
from attnviz.reader.stored_values import value_lengths
from attnviz.reader.writes import composition_table, writes_of
from attnviz.sampling import ERROR_OF
from attnviz.score import Array, Intervals
from attnviz.value_lengths import weigh


class Report:
    """A built report. Every shard is proved against its SHA-256 before use; ReportError names a
    file that is missing or damaged.

    Its methods share these parameters, and raise InputError for what the report does not have.

    Parameters:
        layer: Layer of its stack, counted from zero.
        head: Head of its layer, counted from zero.
        document: Number of the document, counted from zero in corpus order.
        stack: Name of the stack, such as `encoder` or `cross`; may be left out where there is one.
        model: Name of the model; may be left out where the report has one.
    """

    folder: Path
    """The report's folder."""
    manifest: Manifest
    """What the report says of itself: its models, heads and files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        self._store = ShardStore(folder, self.manifest)
        self._stored = StoredAttention(self._store)

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    @cached_property
    def heads(self) -> pa.Table:
        """One row per head: `model`, `stack`, `layer`, `head`, `labels` (names, the strongest
        first), `awake_labels` (of what it does besides resting), and one column per statistic, in
        nats, tokens or shares, null where undefined; `<name>.standard_error` beside those that are
        measured on texts drawn at random."""
        rows: list[dict[str, Any]] = []
        for model in self.manifest.models:
            rows += [
                {
                    "model": model.name,
                    "stack": head.stack,
                    "layer": head.layer,
                    "head": head.head,
                    "labels": [label.name for label in head.labels],
                    "awake_labels": [label.name for label in head.awake_labels],
                }
                | head.statistics
                | {name + ERROR_OF: error for name, error in head.standard_errors.items()}
                for head in model.heads
            ]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})

    @property
    def documents(self) -> ReportDocuments:
        """The documents, with the tokens of the report's first model; see `documents_of` for
        another's."""
        return self._documents(self.manifest.models[0])

    def documents_of(self, model: str) -> ReportDocuments:
        """The documents, with the tokens of a model.

        Parameters:
            model: Name of the model.

        Returns:
            The same documents as `documents`; their axes and tokens are the model's.
        """
        return self._documents(find_model(self.manifest, model))

    def kept_documents(self, model: str | None = None) -> list[int]:
        """The documents whose attention is in the report: all that a model reads, or those that
        `keep` of the corpus chose. Statistics are of all.

        Parameters:
            model: Name of the model; by default the first.

        Returns:
            Numbers of documents, ascending.
        """
        entry = find_model(self.manifest, model)
        kept = self._store.kept(entry)
        if kept is not None:
            return sorted(kept)
        lengths = [self._store.lengths(axis) for axis in entry.axes]
        return np.flatnonzero(np.max(lengths, 0)).tolist()

    def query(self, text: str) -> pa.Table:
        """Rows of a table of the report: `heads where induction > 0.5 by entropy desc limit 10`.

        Parameters:
            text: `heads` or `documents`, then, where they are wanted, `where` a condition, `by` a
                column with or without `desc`, `limit` a number. Conditions compare columns with
                numbers and texts (=, !=, <, <=, >, >=, and `has` of lists and texts), joined by
                and, or, not.

        Returns:
            The rows. Heads have the columns of `heads`, and `id`, `total_variation` and
            `max_error` of their certificates; documents `number`, `title`, `text`, and their
            labels. `.to_pandas()` makes a data frame of them; DuckDB and Polars read them as they
            are.

        Raises:
            InputError: If the query is not understood, or names a column that there is none of.
        """
        return run_query(text, {"heads": self._heads_table, "documents": self._documents_table})

    def _heads_table(self) -> pa.Table:
        heads = [(model, head) for model in self.manifest.models for head in model.heads]
        table = self.heads
        columns = {
            "id": [model.head_id(head) for model, head in heads],
            "total_variation": [head.certificate.total_variation for _, head in heads],
            "max_error": [head.certificate.max_error for _, head in heads],
        }
        for name, values in columns.items():
            table = table.append_column(name, pa.array(values))
        return table

    def _documents_table(self) -> pa.Table:
        rows = [
            {"number": number, "title": document.title, "text": document.text}
            | {name: value for name, value in document.labels.items() if name != "text"}
            for number, document in enumerate(self.documents)
        ]
        names = dict.fromkeys(name for row in rows for name in row)
        return pa.table({name: [row.get(name) for row in rows] for name in names})

    def _documents(self, model: Model) -> ReportDocuments:
        count = self.manifest.documents.count
        return ReportDocuments(count, lambda number: read_document(self._store, model, number))

    def attention(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
        sink: bool = False,
        weighted: bool = False,
    ) -> Array:
        """Attention of one head on one document, as it is stored. How far it may be from the
        model's own is what `certificate` says.

        Rows of a head with a learned sink sum to less than 1: the rest goes to the sink, which is
        no token.

        Parameters:
            sink: Append a column with what of each row goes to the sink, 0 where the head has
                none, so that all rows sum to 1.
            weighted: Weigh each key by the length of its value: a‖v‖, each row divided by its sum
                (Kobayashi et al. 2020; ‖v‖ is `value_norms`). A learned sink has no value, so its
                column is then 0. The certificate is of attention as it is, not weighted.

        Returns:
            (queries, keys), float32, or (queries, keys + 1) with the sink's column. Keys that the
            mask forbids are 0; rows that see no key, or weighted bring nothing, are NaN.

        Raises:
            InputError: If the model, or the head's part of it, does not take the document, or
                `weighted` is asked for and the report has no lengths of values.
        """
        model_entry, head_entry = self._find(layer, head, stack, model)
        intervals = self._stored.intervals(model_entry, head_entry, document)
        if not len(intervals.lo):
            raise InputError(_no_attention(model_entry, head_entry, document))
        attention = self._stored.decode(model_entry, head_entry, document, intervals)
        if weighted:
            lengths = value_lengths(self._store, model_entry, head_entry, document)
            attention = weigh(attention, lengths)
        if sink:
            rest = (1 - attention.sum(1, keepdims=True)).clip(0)
            rest = rest if head_entry.sink is not None else np.where(np.isnan(rest), rest, 0)
            attention = np.hstack([attention, rest])
        return attention.astype(np.float32)

    def value_norms(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """How long the values are that one head's attention weighs on one document: ‖v‖ of each
        key's value vector as the head has it, before its output projection. Heads that share keys
        share values.

        Returns:
            (keys,), float64. Each is off by at most the share of it that
                `manifest.models[…].captures[…].values.error` says, usually about 0.01.

        Raises:
            InputError: If the report has no lengths of the head's values, or no attention of it to
                the document.
        """
        model_entry, head_entry = self._find(layer, head, stack, model)
        if not len(self._stored.intervals(model_entry, head_entry, document).lo):
            raise InputError(_no_attention(model_entry, head_entry, document))
        return value_lengths(self._store, model_entry, head_entry, document)

    def examples(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> pa.Table:
        """Examples of one head's attention in bands of strength: pairs of a query and a key, drawn
        from all documents that the model reads, also those whose attention is not stored. In a band
        each pair has the same chance; documents that the model reads alike count once.

        Returns:
            One row per example, the strongest band first: `band`, from 0; `low` and `high`, its
                bounds (low ≤ attention < high, the first to 1); `count`, how many pairs it has over
                all documents; `share` of all pairs that a query may see, and `attention`, its share
                of the head's attention, each from 0 to 1; `document`; the places `query` and `key`
                in it, from 0; `weight`, the pair's attention as it was captured, float32. A band of
                no pairs has no row.

        Raises:
            InputError: If the report has no examples, as one from before they were drawn.
        """
        return examples_table(head_examples(self._store, *self._find(layer, head, stack, model)))

    def labels(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> pa.Table:
        """How well each label says where one head looks.

        Returns:
            One row per label, attnviz's own first: `label`; `description`, one sentence;
                `declared`, whether the corpus declares it; `score`, null where the head does not
                have it; and from 0 to 1, null where the label is no test of pairs or not defined,
                `precision`, the share of the head's attention on pairs that the label holds for,
                `recall`, the share of rows that see such a key whose largest attention is on one,
                `others_precision` and `others_recall`, the means of all other heads of the model,
                `held_out_precision` and `held_out_recall`, the same over half of the documents.
        """
        return labels_table(*self._find(layer, head, stack, model))

    def retrieval(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> pa.Table:
        """What one head copies from a needle in long texts, by depth.

        Returns:
            One row per depth, in the corpus's order: `depth`, how far into the text the needle
                stands; `retrieval`, attention on the token to copy, `strongest`, how often that has
                the largest, and `control`, attention on the same places where the end says what
                stands nowhere before; all from 0 to 1, means over texts.

        Raises:
            InputError: If the corpus did not ask for `probe: needle`, or the model could not be
                tried.
        """
        return retrieval_table(*self._find(layer, head, stack, model))

    def counter_examples(
        self,
        layer: int,
        head: int,
        label: str | None = None,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> pa.Table:
        """The strongest pairs of one head that its labels do not hold for, over all documents.

        Parameters:
            label: Name of a label; by default all that the head has and that are tests of pairs.

        Returns:
            One row per pair, the strongest of a label first, at most three of each: `label`,
                `document`, the places `query` and `key` in it, from 0, and `attention`, at least
                0.01.

        Raises:
            InputError: If the model has no such label.
        """
        return counter_examples_table(*self._find(layer, head, stack, model), label)

    @cached_property
    def effects(self) -> pa.Table:
        """What losing each head costs its model: one row per head and document that was measured,
        with `model`, `stack`, `layer`, `head`, `document`, `tokens`, and, as the model has them,
        `loss` (by how much it rises, nats), `kl` (divergence of the output's distribution, nats)
        or `hidden` (1 − cosine of the last hidden states), means over `tokens` tokens; each with
        its control, `loss_control` and so on: what a random change of the same length does.
        Without rows where the corpus did not ask for effects. Numbers are float32."""
        return effects_table(self._store)

    def effect(
        self,
        layer: int,
        head: int,
        document: int | None = None,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> dict[str, float]:
        """What losing one head costs the model.

        Parameters:
            document: Of one document; by default the mean over the tokens of all that it was
                measured on.

        Returns:
            The columns of `effects` by name. Of a model that could be cut between its layers, they
                are those of whole passes to 1e-5 of its largest output.

        Raises:
            InputError: If effects were not measured, or not of this head or document.
        """
        return effect_of(self._store, *self._find(layer, head, stack, model), document)

    @cached_property
    def series(self) -> pa.Table:
        """How far heads moved from step to step of a series of models: one row per head and model,
        in the order of steps, the head that moved most first, with `model`, `step`, `former` (the
        model before), `stack`, `layer`, `head`, and in nats, 0 to ln 2, mean Jensen–Shannon
        divergences of attention on the same documents: `divergence` from the model before,
        `divergence_first` from the first, null for the first itself; `divergence_floor` from the
        same model run in another number type, null where it was not measured. Without rows where
        the corpus has no steps. Figures are true to 1e-7."""
        return series_table(self.manifest)

    def over_steps(
        self, statistic: str, layer: int, head: int, *, stack: str | None = None
    ) -> pa.Table:
        """One statistic of one head from step to step of a series of models.

        Parameters:
            statistic: A column of `heads`, such as `entropy`.

        Returns:
            A row for each step, with `model`, `step` and `value`, null where it is not defined.

        Raises:
            InputError: If the report has no series, no such statistic or no such head.
        """
        return over_steps(self.manifest, statistic, layer, head, stack)

    def writes(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> pa.Table:
        """What a head writes where it attends to a token alone: a row for each of the eight types
        of tokens that it attends to most and the eight most frequent ones, most attention first.

        Returns:
            `id` and `text` of the token, `count` in the corpus, `attention`, the share of the
                head's that they get, `length` of what it writes there, `copying` (−1 to 1, null
                where logits are not known), and the next tokens that it raises and lowers most:
                `raised`, `raised_by`, `lowered`, `lowered_by`, in logits with the last norm's scale
                at its mean.

        Raises:
            InputError: If the corpus did not ask for writes, or they are not known of this head.
        """
        return writes_of(self._store, *self._find(layer, head, stack, model))

    def attribution(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """What one head adds to the logit of the token that follows, at each token of a document
        (direct logit attribution): its part of the residual stream before the last norm, whose
        scale is taken as it is.

        Returns:
            (tokens − 1,), float64, in logits, those of `attnviz.logit_attribution` to within
                `error` of the manifest's `attribution`.

        Raises:
            InputError: If the corpus did not ask for writes, the head is not told apart from its
                block, or the document has one token or is not stored.
        """
        return head_attribution(self._store, *self._find(layer, head, stack, model), document)

    def attributed_pairs(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """What one head adds to the logit of the token after each query by attending to each key.

        Returns:
            (tokens − 1, tokens), float64, in logits, to within `pairs_error` of the manifest's
                `attribution`. Rows sum to what `attribution` gives, but for that and for learned
                sinks.

        Raises:
            InputError: As `attribution` does; and if pairs of the document, or of the layer, are
                not stored.
        """
        return head_pairs(
            self._store, self._stored, *self._find(layer, head, stack, model), document
        )

    def logit_parts(self, document: int, token: int, *, model: str | None = None) -> pa.Table:
        """Everything that adds to the logit of the token that follows one.

        Parameters:
            token: Place of the token in the document, counted from zero.

        Returns:
            A row for each part, with `part`, `stack`, `layer`, `head` and `value`, in logits; they
                sum to the logit. Parts are `embedding`, `head`, `attention_bias`, `feed_forward`,
                `rest` (what a block does beside), `last_bias` and `between` (what happens between
                blocks); those that add nothing to any token are left out.

        Raises:
            InputError: As `attribution` does; and if no token follows.
        """
        return logit_table(self._store, find_model(self.manifest, model), document, token)

    def composition(self, *, model: str | None = None) -> pa.Table:
        """How much of what heads read earlier heads write, by their matrices (Elhage et al. 2021).

        Returns:
            A row for each pair of heads, with `stack`, `layer`, `head`, `earlier_layer`,
                `earlier_head`, and `q`, `k` and `v`, ‖W_later W_earlier‖ / (‖W_later‖ ‖W_earlier‖)
                of queries, keys and values, 0 to 1; `chance`, one number for all rows, is their
                root mean square where the earlier matrix is turned at random. Without rows where it
                is not known.

        Raises:
            InputError: If the corpus did not ask for writes.
        """
        return composition_table(self._store, find_model(self.manifest, model))

    def components(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> pa.Table:
        """The strongest components of a head's centred queries and keys over the corpus, before
        rotary embedding: Σ_q^½ Σ_k^½ = U S Vᵀ.

        Returns:
            A row for each, the strongest first: `component`, from 1; `share` of the variance of the
                centred products over independent pairs of a query and a key, and `deviation`, its
                standard deviation in scores (scaling · S). `query_tokens` are the types of tokens
                that load on it as queries, those above zero first, then those below, with
                `query_loadings`, their mean in standard deviations, and `query_counts`, how many
                there are; `key_…` are of keys. A component raises scores where query and key load
                with one sign, and lowers them where with two. With a contrast by labels `contrast`,
                by how much a contrastive component makes scores of pairs of one label larger in the
                mean than of two; None of the others, which are of what these leave.

        Raises:
            InputError: If the corpus did not ask for components, or they are not known of this
                head.
        """
        return components_table(self._store, *self._find(layer, head, stack, model))

    def interaction(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> dict[str, float | None]:
        """What the components of a head are together, and how much of its attention they tell.

        Returns:
            `dimensions`, how many components there are in all; `deviation`, the standard deviation
                in scores of the centred products over independent pairs, `key_deviation` of what
                keys add alone, and `query_deviation` of what queries do; `total_variation` between
                attention and attention with the rest taken from its scores, 0 to 1: its mean over
                `rows` rows of the stored documents; and `total_variation_90`, what nine of ten of
                these stay below. Both are None of no rows. `contrast` is by how much scores of
                pairs of one label are larger in the mean than of two, None without such labels.

        Raises:
            InputError: As `components` does.
        """
        return interaction_figures(self._store, *self._find(layer, head, stack, model))

    def score_bars(
        self,
        layer: int,
        head: int,
        document: int,
        query: int,
        key: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> pa.Table:
        """What the score of one query and one key is made of. The values sum to the score, scaled
        and before softmax, to the rounding of float32 queries and keys.

        Parameters:
            query: Place of the query in the document, counted from zero.
            key: Place of the key.

        Returns:
            A row for each part that the layer has: `part`, `component`, its number where the part
                is one, and `value`. Parts are `component`; `rest`, all that are not kept; `key` and
                `query`, what each adds alone; `constant`; `rotary`, what rotary embedding changes;
                `soft cap`, what the cap does; `bias`, by position. `query` and `constant` are the
                same for all keys of a query, so that attention does not depend on them, but for
                heads with a learned sink.

        Raises:
            InputError: As `components` does; and if the document is not stored, has no such query
                or key, or the query may not see the key.
        """
        model_entry, head_entry = self._find(layer, head, stack, model)
        return score_table(self._store, self._stored, model_entry, head_entry, document, query, key)

    def mean_attention(
        self,
        document: int,
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        weighted: bool = False,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """The mean of attention over heads and layers of a stack on one document. Every head counts
        alike, and those that the report leaves out do not.

        Parameters:
            layers: Layers to count; by default all.
            heads: Heads of each layer to count; by default all.
            weighted: Weigh each head's rows by the lengths of its values first, as `attention`
                does.

        Returns:
            (queries, keys), float64. A row is NaN where that of any head is.
        """
        model_entry = find_model(self.manifest, model)
        return mean_of(
            self.attention(
                head.layer,
                head.head,
                document,
                stack=head.stack,
                model=model_entry.name,
                weighted=weighted,
            )
            for head in choose_heads(model_entry, layers, heads, stack)
        )

    def attention_by_position(
        self,
        layer: int,
        head: int,
        positions: int = 64,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Mean attention of a head from position to position, over all documents that are stored.

        Parameters:
            positions: Number of positions N, from the first.

        Returns:
            (N, N), float64: at (i, j) the mean over documents in which row i may see key j; NaN
            where there is none.
        """
        model_entry, head_entry = self._find(layer, head, stack, model)

        def documents() -> Iterator[tuple[Array, Intervals]]:
            for number in self.kept_documents(model):
                intervals = self._stored.intervals(model_entry, head_entry, number)
                if len(intervals.lo):
                    attention = self._stored.decode(model_entry, head_entry, number, intervals)
                    yield attention.astype(np.float32), intervals

        return mean_by_position(documents(), positions)

    def rollout(
        self,
        document: int,
        *,
        residual: float = 0.5,
        discard: float = 0.0,
        weighted: bool = False,
        layer: int | None = None,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Attention rollout (Abnar & Zuidema 2020) on one document; the steps are those of
        `attnviz.aggregates.rollout`.

        Parameters:
            residual: Share that passes by the residual connection, from 0 to less than 1.
            discard: Share of each row's least entries that is dropped, from 0 to less than 1.
            weighted: Follow the means of weighted attention, as `mean_attention` gives them.
            layer: Last layer to follow, counted from zero; by default all layers.

        Returns:
            (tokens, tokens), float64: at (i, j) the share of token i that comes from token j of the
            input.

        Raises:
            InputError: If the report lacks a layer on the way, or the stack's layers do not follow
                each other on the same tokens.
        """
        model_entry = find_model(self.manifest, model)
        way = layers_up_to(model_entry, layer, stack)

        def follow() -> Iterator[tuple[Array, Intervals]]:
            for head in (heads[0] for heads in way):
                mean = self.mean_attention(
                    document,
                    layers=[head.layer],
                    stack=head.stack,
                    model=model_entry.name,
                    weighted=weighted,
                )
                yield mean, self._stored.intervals(model_entry, head, document)

        try:
            return rollout(follow(), residual, discard)
        except ValueError as error:
            raise InputError(f"rollout: {error}") from error

    def queries(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """The query vectors of one head on one document.

        Returns:
            (tokens, head size), float32.

        Raises:
            InputError: If the report holds the document's attention only.
        """
        return self._stored.vectors(*self._find(layer, head, stack, model), document)[0]

    def keys(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """The key vectors of one head on one document.

        Returns:
            (tokens, head size), float32.

        Raises:
            InputError: If the report holds the document's attention only.
        """
        return self._stored.vectors(*self._find(layer, head, stack, model), document)[1]

    def map(
        self, layer: int, head: int, method: str = "attention", dimensions: int = 2,
        *, stack: str | None = None, model: str | None = None,
    ) -> tuple[Array, Array]:  # fmt: skip
        """A map of one head: where its queries and keys are.

        Parameters:
            method: How it was made: `attention`, `pca`, `umap` or `tsne`.
            dimensions: 2 or 3.

        Returns:
            Coordinates of queries and of keys, each (tokens, dimensions), float64, in corpus order;
            NaN where a token was not sampled.

        Raises:
            InputError: If the report has no such map.
        """
        model_entry, head_entry = self._find(layer, head, stack, model)
        return map_points(self._store, model_entry, head_entry, method, dimensions)

    def map_figures(
        self, layer: int, head: int, method: str = "attention", dimensions: int = 2,
        *, stack: str | None = None, model: str | None = None,
    ) -> MapFigures:  # fmt: skip
        """How far a map of one head may be believed.

        Parameters:
            method: How it was made: `attention`, `pca`, `umap` or `tsne`.
            dimensions: 2 or 3.

        Returns:
            Its figures; `sampled` says whether they are of a sample of queries, and each then has
            its standard error.

        Raises:
            InputError: If the report has no such map.
        """
        return find_map(self._find(layer, head, stack, model)[1], method, dimensions)

    def certificate(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> Certificate:
        """How far the head's stored attention is from the model's own.

        Returns:
            The measured errors.
        """
        return self._find(layer, head, stack, model)[1].certificate

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        view: str | None = None,
        head: str | None = None,
        model: str | None = None,
    ) -> str | Path:
        """The whole report in one page, which opens by a double click and asks nothing of the
        network. Where scripts are forbidden it shows a summary: labels, a table of heads, and a
        thumbnail of each.

        Warns before, with what to do, where the page would be too large for most mail (20 MB).

        Parameters:
            path: Where to write the page.
            view: The view that it opens at, such as `lines` or `matrix`.
            head: The head that it opens at, such as `L5H3`; without one, lines are those of all
                heads of a layer.

        Returns:
            The path; without one, the page itself.
        """
        start = start_of(self, view, head, model)
        if too_large := advice(self.manifest, size_bound(self.manifest)):
            warnings.warn(too_large, stacklevel=2)
        page = make_page(self, start)
        if path is None:
            return page
        Path(path).write_text(page, "utf-8", newline="\n")
        return Path(path)

    def _repr_html_(self) -> str:
        """The report in a notebook's cell; where its page would be too large for a notebook, what
        it holds, and how to see it."""
        return cell(self)

    def _find(
        self, layer: int, head: int, stack: str | None, model: str | None
    ) -> tuple[Model, Head]:
        model_entry = find_model(self.manifest, model)
        return model_entry, find_head(model_entry, layer, head, stack)


def _no_attention(model: Model, head: Head, document: int) -> str:
    """Why there is no attention of a head to a document."""
    if len(model.stacks) == 1:
        return f"document {document}: {model.name} does not take it, so there is no attention to it"
    axis = stack_of(model, head).query_axis
    return (
        f"document {document}: the {head.stack} stack of {model.name} does not take it, as it has"
        f" nothing on the axis {axis}, so there is no attention to it"
    )


def open_report(path: str | Path) -> Report:
    """Open a built report.

    Parameters:
        path: The report's folder, or any file in it such as its index.html.

    Returns:
        The report. Its manifest is read; the rest is read as it is asked for.

    Raises:
        ReportError: If there is no report, or one of a format version that this attnviz does not
            read.
    """
    refuse_address(path)
    place = Path(path)
    return Report(place.parent if place.is_file() else place)
