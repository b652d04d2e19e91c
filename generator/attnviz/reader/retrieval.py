"""What heads copy from long texts, by depth, as a table."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from attnviz.errors import InputError
from attnviz.format.manifest import Head, Model

_NAMES: Final = ("depth", "retrieval", "strongest", "control")


def retrieval_table(model: Model, head: Head) -> pa.Table:
    """One row per depth. Raises InputError where there are no figures."""
    if not head.needle:
        raise InputError(
            f"model {model.name}: what heads copy from long texts was not measured: build with"
            " probe: needle; where that was asked for, a notice of the report says why"
        )
    return pa.table(
        {name: pa.array([getattr(of, name) for of in head.needle], pa.float64()) for name in _NAMES}
    )
