"""What a model's attention maps start from: the positions of the last build of the same corpus file
with this cache, where most of its documents are still there.

A build leaves, under a name that does not depend on the documents, which documents it had, which of
their tokens its maps show and where their positions are. What maps start from is an input of their
steps, so the same start gives the same bytes; and maps from scratch that are kept are taken before
any others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Layer
from attnviz.config import Config
from attnviz.documents.document import Notice
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import MapStart
from attnviz.maps.earlier import EarlierMaps, EarlierSums
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.measuring import LayerMeasures
from attnviz.score import Array
from attnviz.writer.laid_maps import Laid, LastMaps
from attnviz.writer.layer_attention_maps import write_layer_attention_maps
from attnviz.writer.layer_maps import LayerMaps

KIND: Final = "map-start"
LAST: Final = "last-maps"
FITTED: Final = 0.75
"""Of a map's points, the least that were fitted together, and of those that were, the least that
are still there; else maps are made from scratch."""


@dataclass(frozen=True)
class Start:
    """An earlier corpus whose maps are started from, and this one."""

    before: Laid
    here: Laid

    def of_layer(self, job: LayerJob, engine: Engine) -> EarlierMaps:
        """The positions that one layer starts from."""
        layer = job.captured.layer
        return EarlierMaps(
            engine.folder(self.before.pieces[_name(layer)]),
            self.here.places_in(self.before, layer.query_axis),
            self.here.places_in(self.before, layer.key_axis),
        )

    def measured(
        self, earlier: Sequence[EarlierMaps], jobs: Sequence[LayerJob], engine: Engine
    ) -> list[EarlierSums]:
        """What was measured of the maps that each layer starts from."""
        folders = [engine.folder(self.before.measured[_name(job.captured.layer)]) for job in jobs]
        return [
            EarlierSums(folder, maps.queries, maps.keys)
            for folder, maps in zip(folders, earlier, strict=True)
        ]

    @property
    def figures(self) -> MapStart:
        """As the report says it."""
        documents = self.here.shown()
        return MapStart(documents=len(documents & self.before.shown()), of=len(documents))


def start_notice(model: str, start: MapStart) -> Notice:
    """What maps started from, as the build's output and the report say it."""
    message = (
        f"{model}: attention maps started from the positions of an earlier build, which had"
        f" {start.documents:,} of these {start.of:,} documents; --from-scratch makes those that"
        " follow from this corpus alone"
    )
    return Notice(KIND, message, None, model, {"documents": start.documents, "of": start.of})


class LastBuild:
    """The maps of the last build of a model's corpus, and what this one leaves."""

    def __init__(
        self,
        corpus: ModelCorpus,
        layers: Sequence[Layer],
        samples: Mapping[str, Array],
        config: Config,
        engine: Engine,
    ) -> None:
        self._engine, self._model = engine, corpus.name
        # What a model that is not here attended to does not follow from its documents.
        self._follows = corpus.running is not None
        self._key = engine.key(write_layer_attention_maps, {
            "model": (corpus.name, corpus.running or corpus.about),
            "layers": [(_name(layer), layer.numbers) for layer in layers],
            "options": (config.maps.points, config.maps.dimensions, config.seed),
            "corpus": (str(config.path or ""), config.name),
        })  # fmt: skip
        self._here = Laid.of(corpus, samples, engine)
        self._last = engine.recall(LAST, self._key, LastMaps)

    def start(self) -> Start | None:
        """What maps start from; None for maps from scratch. Says so where they cannot start from an
        earlier build that has too little in common with this one."""
        last = self._last
        if last is None or self._engine.from_scratch or not self._follows:
            return None
        if self._here.shows_same(last.laid):
            # The same again: from where it started then, or from where it ended.
            earlier = last.before if self._is_there(last.before) else last.laid
        else:
            earlier = last.laid if self._has_enough(last) else None
        if earlier is None or not self._is_there(earlier):
            return None
        return Start(earlier, self._here)

    def _has_enough(self, last: LastMaps) -> bool:
        """Whether enough of the points were fitted together; says so where some were."""
        fitted = self._here.count(last.laid.shown() - set(last.placed))
        if fitted >= FITTED * max(self._here.count(), last.fitted):
            return True
        if fitted:
            self._engine.note(
                f"{self._model}: attention maps are made from scratch: of {self._here.count():,}"
                f" points, {fitted:,} are of documents that an earlier build fitted together"
            )
        return False

    def _is_there(self, laid: Laid | None) -> bool:
        if laid is None:
            return False
        return self._engine.has([*laid.pieces.values(), *laid.measured.values()])

    def leave(
        self,
        start: Start | None,
        jobs: Sequence[LayerJob],
        made: Sequence[Piece[LayerMaps]],
        measured: Sequence[Piece[LayerMeasures]],
    ) -> None:
        """Remember these maps, which started so, for the next build."""
        if not self._follows:
            return
        laid = replace(
            self._here, pieces=self._names(jobs, made), measured=self._names(jobs, measured)
        )
        if start is None:
            last = LastMaps(laid, None, [], laid.count())
        elif self._last is not None and self._here.shows_same(self._last.laid):
            last = replace(self._last, laid=laid, before=start.before)
        else:
            last = self._after(laid, start.before)
        if last != self._last:
            self._engine.remember(LAST, self._key, last)

    def _names(self, jobs: Sequence[LayerJob], pieces: Sequence[Piece[Any]]) -> dict[str, str]:
        """What each layer's piece is called in the cache."""
        return {
            _name(job.captured.layer): self._engine.name_of(piece.folder)
            for job, piece in zip(jobs, pieces, strict=True)
        }

    def _after(self, laid: Laid, before: Laid) -> LastMaps:
        """What is left of maps on which new documents were placed."""
        placed, fitted = ([], 0) if self._last is None else (self._last.placed, self._last.fitted)
        shown = laid.shown()
        kept = [document for document in placed if document in shown]
        return LastMaps(laid, before, [*kept, *sorted(shown - before.shown())], fitted)


def _name(layer: Layer) -> str:
    return f"{layer.stack}-L{layer.layer}"
