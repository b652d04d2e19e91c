"""Functions compiled by numba, which takes half a second to import: modules that have some are
imported where they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """The function by numba, kept on disk where there is room for it; no order of operations is
    changed."""
    try:
        return njit(cache=True, error_model="numpy", nogil=True)(function)
    except RuntimeError:  # neither beside the module nor in the user's cache can be written
        return njit(error_model="numpy", nogil=True)(function)
