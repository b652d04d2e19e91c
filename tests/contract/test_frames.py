"""The lines of docs/how-to/read-in-python.md that hand a report's numbers to other libraries: each
is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

import attnviz

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-in-python.md"
GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden" / "bidirectional"
LINES = re.findall(
    r"^\| [^|]+ \| `([^`]*report\.[^`]*)` \|$", PAGE.read_text("utf-8"), re.MULTILINE
)


@pytest.fixture
def report() -> attnviz.Report:
    return attnviz.open_report(GOLDEN)


def run(line: str, report: attnviz.Report) -> Any:
    """What a line gives. pandas comes with one extra of attnviz, Polars and DuckDB with none."""
    names: dict[str, Any] = {"report": report, "pyarrow": pyarrow}
    library = "pandas" if "to_pandas" in line else line.partition(".")[0]
    if library not in names:
        names[library] = pytest.importorskip(
            library, reason=f"{library} is no dependency: pip install {library} runs this line"
        )
    return eval(line, names)


def test_the_page_has_lines_for_all_of_them():
    assert [line.partition(".")[0] for line in LINES] == [
        *("report", "pandas", "polars", "duckdb", "duckdb", "pyarrow")
    ]


@pytest.mark.parametrize("line", LINES)
def test_a_line_runs_as_it_stands(report, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(line, report)
    heads = report.heads.to_pylist()
    if "to_pandas" in line or "polars" in line:
        assert result["entropy"].to_list() == [row["entropy"] for row in heads]
        assert [list(labels) for labels in result["labels"]] == [row["labels"] for row in heads]
    elif "DataFrame" in line:
        assert (result.to_numpy() == report.attention(0, 0, 0)).all()
        assert tuple(result.columns) == report.documents[0].names
    elif "filter" in line:
        expected = sorted((row["entropy"] for row in heads if row["layer"] < 2), reverse=True)
        assert result["entropy"].to_list() == expected
    elif "query" in line:
        most: dict[int, float] = {}
        for row in heads:
            most[row["layer"]] = max(most.get(row["layer"], 0.0), row["entropy"])
        assert dict(result.fetchall()) == most
    else:
        assert pyarrow.parquet.read_table("heads.parquet").equals(report.heads)
