"""A build: from a corpus, or from attention that was given, to a report in its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.config import Config
from attnviz.engine.engine import Engine
from attnviz.engine.memory import refuse_nested
from attnviz.format.manifest import Viewer
from attnviz.reader.head_pictures import head_pictures
from attnviz.reader.report import Report, open_report
from attnviz.reader.store import ShardStore
from attnviz.reader.story import checked_page, read_story
from attnviz.site import Assets, assets, render_pages, templates_folder
from attnviz.site.previews import previews
from attnviz.site.programs import program_files
from attnviz.site.story import Story
from attnviz.writer.claim import claimed
from attnviz.writer.content import Content
from attnviz.writer.publication import publish
from attnviz.writer.report_manifest import report_manifest
from attnviz.writer.sealing import seal

if TYPE_CHECKING:
    from attnviz.importers.given import GivenModel
    from attnviz.models import LoadedModel


@dataclass(frozen=True)
class Built:
    """What a build made: the report and the bytes it takes on disk, twins and pages included."""

    report: Report
    bytes: int


def build(config: Config, out: Path, engine: Engine, running: LoadedModel | None = None) -> Built:
    """Build the report of a corpus into `out`. Resumes from what the engine remembers; the same
    inputs give the same bytes. `running` is its model, where that is not to be loaded.

    Raises InputError for whatever the user has to mend; what stood in `out` before is then intact.
    """
    from attnviz.pipeline import content_of_corpus

    with _at_work(out, engine):
        look = _look_of(config)
        return _write(content_of_corpus(config, engine, running), look, out, engine)


def build_given(model: GivenModel, config: Config, out: Path, engine: Engine) -> Built:
    """Build the report of attention that was given. Raises InputError as `build` does."""
    from attnviz.pipeline import content_of_given

    with _at_work(out, engine):
        look = _look_of(config)
        return _write(content_of_given(model, config, engine), look, out, engine)


def build_capture(folder: Path, config: Config, out: Path, engine: Engine) -> Built:
    """Build the report of a capture, whose models are not here. Raises InputError as `build`
    does."""
    from attnviz.pipeline import content_of_capture

    with _at_work(out, engine):
        look = _look_of(config)
        return _write(content_of_capture(folder, config, engine), look, out, engine)


@contextmanager
def _at_work(out: Path, engine: Engine) -> Iterator[None]:
    """While this lasts, `out` and the cache are this build's."""
    refuse_nested(out, "--out")
    with claimed(out, engine.progress.note), engine.at_work():
        yield


@dataclass(frozen=True)
class _Look:
    """How a report is shown: its options, its story, and the viewer."""

    config: Config
    story: Story | None
    viewer: Assets


def _look_of(config: Config) -> _Look:
    """Reads the story and proves the viewer, before any model is read."""
    return _Look(config, read_story(config.story), assets(templates_folder()))


def _write(content: Content, look: _Look, out: Path, engine: Engine) -> Built:
    """The report of a content, in its folder."""
    viewer, story = look.viewer, look.story
    paths = Viewer(script=viewer.script, style=viewer.style)
    manifest = report_manifest(content, look.config, paths)
    places = {path: engine.folder(name) for path, name in content.pieces.items()}
    store = ShardStore(out, manifest, places)
    pictures = head_pictures(store)
    page = checked_page(story, store)
    pages = render_pages(manifest.to_dict(), templates_folder(), pictures, page)
    around = {**program_files(manifest, story), **previews(manifest, pictures)}
    files = seal(manifest, {**pages, **around, **viewer.files})
    shards = [(places[shard.path], shard) for shard in manifest.shards.values()]
    size = publish(out, shards, files, manifest.site)
    return Built(open_report(out), size)
