"""What a build leaves of the process that called it: all of it, as it was."""

from __future__ import annotations

import gc
import os
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import utils as hub
from threadpoolctl import threadpool_info
from transformers.utils import logging

import attnviz
import attnviz.pipeline  # what libraries set as they are imported is theirs
from attnviz.config import parse_config
from attnviz.probe import probe
from tests.fixtures.models import sentences


def state() -> dict[str, Any]:
    """What a caller would notice of a changed process."""
    tiny = torch.tensor(1e-40) * 1.0
    return {
        "threads": {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()},
        "torch threads": torch.get_num_threads(),
        "torch random": torch.get_rng_state().tolist(),
        "numpy random": repr(np.random.get_state()),
        "python random": random.getstate(),
        "denormals": float(tiny) > 0,
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "precision": torch.get_float32_matmul_precision(),
        "verbosity": logging.get_verbosity(),
        "progress bars": (logging.is_progress_bar_enabled(), hub.are_progress_bars_disabled()),
        "collector": (gc.isenabled(), gc.get_freeze_count()),
        "warnings": list(warnings.filters),
        "environment": {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
    }


@pytest.fixture
def chosen(tiny_model: Any) -> Iterator[None]:
    """A process that has chosen what it likes, so that nothing is as a build's."""
    for family in ("llama", "mamba"):
        tiny_model(family)
    threads, verbosity = torch.get_num_threads(), logging.get_verbosity()
    torch.set_num_threads(2)
    torch.manual_seed(1234)
    logging.set_verbosity_info()
    logging.enable_progress_bar()
    yield
    torch.set_num_threads(threads)
    logging.set_verbosity(verbosity)


def assert_unchanged(before: dict[str, Any]) -> None:
    after = state()
    # A library that came only now has as many threads as it likes.
    after["threads"] = {file: after["threads"][file] for file in before["threads"]}
    assert after == before


def test_a_build_leaves_the_process_as_it_was(
    chosen: None, tiny_model: Any, tmp_path: Path
) -> None:
    before = state()
    corpus = {
        "models": [{"source": str(tiny_model("llama"))}],
        "documents": [{"text": sentences(3, [4, 9])}],
    }
    attnviz.build(corpus, tmp_path / "report", tmp_path / "cache")
    assert_unchanged(before)


def test_a_build_that_fails_does_too(chosen: None, tiny_model: Any, tmp_path: Path) -> None:
    before = state()
    corpus = {
        "models": [{"source": str(tiny_model("mamba"))}],
        "documents": [{"text": sentences(3, [4, 9])}],
    }
    with pytest.raises(attnviz.InputError):
        attnviz.build(corpus, tmp_path / "report", tmp_path / "cache")
    assert_unchanged(before)


def test_a_probe_does_too(chosen: None, tiny_model: Any, tmp_path: Path) -> None:
    before = state()
    mapping = {"models": [{"source": str(tiny_model("llama"))}], "documents": [{"text": ["a"]}]}
    assert probe(parse_config(mapping, tmp_path, "probe").models[0]).complete
    assert_unchanged(before)
