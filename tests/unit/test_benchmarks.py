"""The benchmarks start, and their arithmetic and their memory meter are right. Nothing here is
timed."""

from __future__ import annotations

import json
import sys

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import inside
from tests.benchmarks.figures import Figure, Result, as_ratio, exponent, in_digits, rendered, table
from tests.benchmarks.processes import follow

FIGURE = Figure("capture", 2.4, "s", "plain SDPA", 2.0, 1.1)


def test_a_ratio_is_of_the_peer_and_says_whether_it_was_hoped_for() -> None:
    assert FIGURE.ratio == pytest.approx(1.2)
    assert FIGURE.to_dict()["as_expected"] is False
    assert Figure("data", 1, "MB", "BertViz", 400, 1 / 200).to_dict()["as_expected"] is True
    assert (
        Figure("top-3 mass", 0.92, "", "wanted", 0.9, 1, at_least=True).to_dict()["as_expected"]
        is True
    )
    assert (
        Figure("top-3 mass", 0.88, "", "wanted", 0.9, 1, at_least=True).to_dict()["as_expected"]
        is False
    )


def test_an_exponent_is_that_of_the_power() -> None:
    assert exponent((512, 8192), (3.0, 3.0 * 16)) == pytest.approx(1)
    assert exponent((512, 8192), (3.0, 3.0 * 256)) == pytest.approx(2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (868.61, "869"),
        (12345.0, "12,345"),
        (0.01234, "0.0123"),
        (9.996, "10.0"),
        (0.0, "0"),
        (-1.5, "-1.50"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert in_digits(value) == text


def test_small_ratios_are_fractions() -> None:
    assert as_ratio(1 / 320) == "1/320"
    assert as_ratio(1.0634) == "1.06"


def test_tables_line_up() -> None:
    lines = table(("stage", "s"), [("capture", "2.1"), ("maps", "10")]).splitlines()
    assert lines == ["  stage    s", "  capture  2.1", "  maps      10"]


def test_text_and_json_say_the_same() -> None:
    result = Result(("way", "median s"), [("capture", 2.4), ("stopped", None)], [FIGURE])
    text = rendered(result)
    assert "1.20" in text
    assert "≤ 1.10" in text
    assert "OVER" in text
    assert json.loads(json.dumps(result.to_dict()))["details"][1] == {
        "way": "stopped",
        "median s": None,
    }


HOLD = """
import json, subprocess, sys, time
print(json.dumps({"stage": "held"}), flush=True)
block = bytearray(150_000_000)
child = "block = bytearray(150_000_000); input()"
below = subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE)
time.sleep(2)
print(json.dumps({"stage": "let go"}), flush=True)
below.communicate(b"\\n")
print(json.dumps({"result": "done", "high_water": 1}), flush=True)
"""


def test_memory_is_that_of_all_processes_and_by_stage() -> None:
    run = follow([sys.executable, "-c", HOLD])
    assert run.result == "done"
    assert list(run.stages) == ["start", "held", "let go"]
    assert 300e6 < run.peak == run.stages["held"].peak < 400e6
    assert run.stages["start"].peak < 100e6
    assert 2 <= run.stages["held"].seconds <= run.seconds
    assert 0 < sum(stage.processor for stage in run.stages.values()) < run.seconds


def test_the_process_may_know_of_a_higher_mark() -> None:
    run = follow([sys.executable, "-c", 'print(\'{"result": null, "high_water": 7000000000}\')'])
    assert run.peak == 7_000_000_000


def test_what_holds_too_much_is_stopped() -> None:
    run = follow([sys.executable, "-c", HOLD], stop_above=100e6)
    assert run.result is None
    assert run.seconds < 2


def test_a_failure_is_told_with_its_reason() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        follow([sys.executable, "-c", "1 / 0"])


def test_every_benchmark_says_what_it_compares(capsys: pytest.CaptureFixture[str]) -> None:
    assert all(measure.__doc__ for measure in benchmarks.BENCHMARKS.values())
    with pytest.raises(SystemExit):
        benchmarks.main(["no-such"])
    names = ", ".join(benchmarks.BENCHMARKS)
    assert f"there are {names}" in capsys.readouterr().err


def test_what_runs_in_the_processes_can_be_imported() -> None:
    assert set(inside.FUNCTIONS) == {
        "build",
        "long_corpus",
        "wide_corpus",
        "deep_corpus",
        "bertviz",
        "kept",
        "capture",
        "map_figures",
        "layer_parts",
        "umap_heads",
        "effects",
    }
