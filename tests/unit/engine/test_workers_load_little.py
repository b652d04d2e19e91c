"""What a worker loads for a step: torch where it computes with it, transformers for models."""

import subprocess
import sys

import pytest

from attnviz.engine.jobs import loads_for
from attnviz.writer.layer_attention_maps import write_layer_attention_maps
from attnviz.writer.layer_maps import write_layer_maps
from attnviz.writer.layer_measures import measure_layer_maps

SHOW = "; import sys; print(*sorted({'torch', 'transformers'} & set(sys.modules)))"


def loaded(program):
    run = [sys.executable, "-c", program + SHOW]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize(
    ("made", "packages"),
    [(write_layer_maps, []), (measure_layer_maps, []), (write_layer_attention_maps, ["torch"])],
)
def test_what_a_step_of_maps_loads(made, packages):
    module, name = made.function.__module__, made.function.__name__
    assert loads_for(made) == packages
    assert loaded(f"from {module} import {name}") == packages
