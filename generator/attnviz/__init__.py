"""attnviz: explorable static reports of how a transformer attends.

>>> import attnviz
>>> report = attnviz.open_report("build/quickstart")        # doctest: +SKIP
>>> report.attention(layer=2, head=3, document=7).shape     # doctest: +SKIP
(34, 34)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnviz._version import __version__
from attnviz.config import Config, load_config, parse_config
from attnviz.errors import InputError, ReportError
from attnviz.reader.report import Report, open_report

__all__ = ["Config", "InputError", "Report", "ReportError", "__version__", "build", "open_report"]


def build(
    corpus: Config | str | Path | Mapping[str, object],
    out: str | Path | None = None,
    cache: str | Path = "build/.cache",
) -> Report:
    """Build a report and open it: what `attnviz build` does.

    Parameters:
        corpus: The path of a corpus.yaml, a mapping of the same shape, whose paths count from the
            working folder, or a Config.
        out: The report's folder; by default build/ and the corpus's name.
        cache: Where stages are remembered, so that a build goes on where it was stopped.

    Returns:
        The report, as `open_report` gives it.

    Raises:
        InputError: For whatever has to be mended in the corpus.
    """
    from attnviz.engine.engine import Engine
    from attnviz.pipeline import build as run

    config = _config(corpus)
    target = Path(out) if out is not None else Path("build") / config.name
    return run(config, target, Engine(Path(cache))).report


def _config(corpus: Any) -> Config:
    if isinstance(corpus, Config):
        return corpus
    if isinstance(corpus, Mapping):
        return parse_config(corpus, Path.cwd(), "report")
    return load_config(Path(corpus))
