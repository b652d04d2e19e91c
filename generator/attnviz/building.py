"""A build: from a corpus, or from attention that was given, to a report in its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.config import Config
from attnviz.engine.addresses import is_address
from attnviz.engine.collector import loading, put_back
from attnviz.engine.engine import Engine
from attnviz.engine.memory import refuse_nested
from attnviz.engine.storage import Storage, scratch
from attnviz.format.index import as_read
from attnviz.format.manifest import Viewer
from attnviz.reader.head_pictures import head_pictures
from attnviz.reader.report import Report, open_report
from attnviz.reader.store import ShardStore
from attnviz.reader.story import checked_page, read_story
from attnviz.site import assets, render_pages, templates_folder
from attnviz.site.previews import previews
from attnviz.site.programs import program_files
from attnviz.writer.claim import claimed
from attnviz.writer.content import Content
from attnviz.writer.look import Look
from attnviz.writer.publication import publish
from attnviz.writer.remembering import (
    foresee,
    recall_content,
    recall_report,
    remember_content,
    remember_report,
)
from attnviz.writer.report_manifest import report_manifest
from attnviz.writer.sealing import seal
from attnviz.writer.uploading import refuse_foreign_files, upload

if TYPE_CHECKING:
    from attnviz.importers.given import GivenModel
    from attnviz.models.loaded import LoadedModel


@dataclass(frozen=True)
class Built:
    """What a build made: the report and the bytes it takes on disk, twins and pages included."""

    report: Report
    bytes: int


def build(
    config: Config, out: Path | str, engine: Engine, running: LoadedModel | None = None
) -> Built:
    """Build the report of a corpus into `out`. Resumes from what the engine remembers; the same
    inputs give the same bytes. `running` is its model, where that is not to be loaded.

    `out` is a folder or an address of fsspec's. Raises InputError for whatever the user has to
    mend; what stood in `out` before is then intact.
    """
    with _at_work(out, engine) as folder:
        look = _look_of(config)
        foreseen = None if running is not None else foresee(config, engine)
        if not engine.from_scratch:
            unchanged = recall_report(foreseen, look, folder, engine)
            if unchanged is not None:
                return Built(open_report(folder), unchanged)
        content = recall_content(foreseen, engine)
        kept = content is not None
        if content is None:
            with loading():
                from attnviz.pipeline import content_of_corpus

            content = content_of_corpus(config, engine, running)
            kept = remember_content(foreseen, config, content, engine)
        built = _write(content, look, folder, engine)
        if foreseen is not None and kept:
            remember_report(foreseen, look, folder, engine)
        return built


def build_given(model: GivenModel, config: Config, out: Path | str, engine: Engine) -> Built:
    """Build the report of attention that was given. Raises InputError as `build` does."""
    with _at_work(out, engine) as folder:
        with loading():
            from attnviz.pipeline import content_of_given

        look = _look_of(config)
        return _write(content_of_given(model, config, engine), look, folder, engine)


def build_capture(captured: Path, config: Config, out: Path | str, engine: Engine) -> Built:
    """Build the report of a capture, whose models are not here. Raises InputError as `build`
    does."""
    with _at_work(out, engine) as folder:
        with loading():
            from attnviz.pipeline import content_of_capture

        look = _look_of(config)
        return _write(content_of_capture(captured, config, engine), look, folder, engine)


@contextmanager
def _at_work(out: Path | str, engine: Engine) -> Iterator[Path]:
    """The folder that the report is built in, which is this build's, as the cache is, while this
    lasts: `out`, or one of this machine, from which the report is copied to `out` at the end."""
    storage = Storage(str(out), "--out") if is_address(out) else None
    if storage is not None:
        refuse_foreign_files(storage, str(out))
    folder = Path(out) if storage is None else scratch(str(out)) / "report"
    refuse_nested(folder, "--out")
    with claimed(folder, engine.progress.note), engine.at_work(), put_back():
        yield folder
        if storage is not None:
            upload(folder, storage)


def _look_of(config: Config) -> Look:
    """Reads the story and proves the viewer, before any model is read."""
    templates = templates_folder()
    return Look(config, read_story(config.story), assets(templates), templates)


def _write(content: Content, look: Look, out: Path, engine: Engine) -> Built:
    """The report of a content, in its folder."""
    viewer, story = look.viewer, look.story
    paths = Viewer(script=viewer.script, style=viewer.style)
    manifest = as_read(report_manifest(content, look.config, paths))
    places = {path: engine.folder(name) for path, name in content.pieces.items()}
    store = ShardStore(out, manifest, places)
    pictures = head_pictures(store)
    page = checked_page(story, store)
    pages = render_pages(manifest.to_dict(), look.templates, pictures, page)
    around = {**program_files(manifest, story), **previews(manifest, pictures)}
    files = seal(manifest, {**pages, **around, **viewer.files})
    shards = [(places[shard.path], shard) for shard in manifest.shards.values()]
    size = publish(out, shards, files, manifest.site)
    return Built(open_report(out), size)
