"""Python's collector, which goes through all objects there are again and again: those of torch and
transformers are half a million, and stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Where libraries are imported: nothing is collected meanwhile, and what is there afterwards is
    left out of the collector's rounds, unless somebody has left out some already."""
    gc.collect()  # a model of before that nobody refers to any more is not to stay
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
        if collecting:
            gc.enable()


@contextmanager
def put_back() -> Iterator[None]:
    """What `loading` leaves out while this lasts takes part again after it."""
    before = gc.get_freeze_count()
    try:
        yield
    finally:
        if not before:
            gc.unfreeze()
