"""The golden reports read by Python as they were when they were written; tests/js/golden.test.js
reads the same."""

import json

import pytest

from tests.fixtures.make_golden import CASES, GOLDEN, read_case


def test_every_case_is_there_and_no_other():
    assert {folder.name for folder in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_reader_finds_what_was_written(name):
    expected = json.loads((GOLDEN / name / "expected.json").read_text("utf-8"))
    case = read_case(GOLDEN / name)
    for model, expected_model in zip(case["models"], expected["models"], strict=True):
        rows, wanted_rows = model.pop("attention"), expected_model.pop("attention")
        assert model == expected_model
        assert len(rows) == len(wanted_rows) > 0
        for row, other in zip(rows, wanted_rows, strict=True):
            assert {k: v for k, v in row.items() if k != "rows"} == {
                k: v for k, v in other.items() if k != "rows"
            }
            for query, values in row["rows"].items():
                # exp and tanh differ in the last digit from machine to machine
                assert values == pytest.approx(other["rows"][query], abs=1e-7, nan_ok=True)
