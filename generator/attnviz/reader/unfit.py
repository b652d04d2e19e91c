"""What a report's files hold and the format does not allow: found in use, said as a ReportError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from attnviz.errors import ReportError
from attnviz.format.manifest import Manifest

_UNFIT = (LookupError, ValueError, TypeError, ArithmeticError, AssertionError, MemoryError)
"""What is raised where numbers of shards or the manifest do not fit each other."""


@contextmanager
def naming(manifest: Manifest, shards: Sequence[str]) -> Iterator[None]:
    """While these shards are decoded: whatever does not fit is a ReportError with their paths."""
    try:
        yield
    except _UNFIT as error:
        paths = [manifest.shards[name].path for name in shards if name in manifest.shards]
        detail = (str(error).splitlines() or [""])[0][:200]
        raise ReportError(
            f"{', '.join(paths) or 'manifest.json'}: cannot be decoded: {detail}"
            f" ({type(error).__name__}); build the report again"
        ) from error
