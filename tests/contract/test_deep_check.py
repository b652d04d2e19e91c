"""`attnviz check --deep` finds every figure that is not what the shards say, names it, and finds
nothing in an honest report."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import attnviz
from attnviz.audit.audit import audit
from attnviz.format.seal import sha256
from tests.fixtures import text_models
from tests.fixtures.make_golden import CASES, GOLDEN
from tests.fixtures.spoiled import manifest_of

HEAD = ("models", 0, "heads", 1)


def differences(folder: Path) -> list[str]:
    return [str(found) for found in audit(folder, lambda _name, layers: layers).differences]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """`planted(case, changes)`: what is found in a copy of a golden report whose manifest states
    other figures; `changes` are values by path."""
    folders: dict[str, Path] = {}

    def find(case, changes):
        if case not in folders:
            folders[case] = tmp_path_factory.mktemp("deep") / case
            shutil.copytree(GOLDEN / case, folders[case])
        content = manifest_of(GOLDEN / case)
        for path, value in changes.items():
            part = content
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = value(part[path[-1]]) if callable(value) else value
        (folders[case] / "manifest.json").write_text(json.dumps(content))
        return differences(folders[case])

    return find


@pytest.mark.parametrize("case", CASES)
def test_an_honest_report_is_clean(case):
    findings = audit(GOLDEN / case, lambda _name, layers: layers)
    assert [str(found) for found in findings.differences] == []
    assert findings.compared > 400
    assert any("need the model" in reason for reason in findings.skipped)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ((*HEAD, "statistics", "entropy"), lambda x: x + 0.1, "L0H1: statistic entropy"),
        ((*HEAD, "statistics", "entropy"), None, "L0H1: statistic entropy"),
        ((*HEAD, "statistics", "entropy_deviation"), lambda x: x + 0.2, "entropy_deviation"),
        ((*HEAD, "statistics", "evenness"), lambda x: x + 0.1, "statistic evenness"),
        ((*HEAD, "statistics", "distance"), lambda x: x + 0.2, "statistic distance"),
        ((*HEAD, "statistics", "previous"), lambda x: x + 0.02, "statistic previous"),
        ((*HEAD, "statistics", "first"), lambda x: x + 0.02, "statistic first"),
        ((*HEAD, "statistics", "separator"), lambda x: x + 0.02, "statistic separator"),
        ((*HEAD, "statistics", "top"), lambda x: x - 0.02, "statistic top"),
        ((*HEAD, "statistics", "keys90"), lambda x: x + 2, "statistic keys90"),
        ((*HEAD, "statistics", "positional"), lambda x: x + 0.2, "statistic positional"),
        ((*HEAD, "statistics", "near"), lambda x: x - 0.02, "statistic near"),
        ((*HEAD, "statistics", "rest"), lambda x: x + 0.02, "statistic rest"),
        ((*HEAD, "statistics", "awake_near"), lambda x: x - 0.05, "statistic awake_near"),
        ((*HEAD, "statistics", "awake_entropy"), lambda x: x + 0.4, "statistic awake_entropy"),
        ((*HEAD, "statistics", "awake_keys90"), lambda x: x + 40, "statistic awake_keys90"),
        ((*HEAD, "awake_labels"), [{"name": "self", "score": 0.97}], "awake label self"),
        ((*HEAD, "labels"), [{"name": "broad", "score": 0.97}], "label broad"),
        ((*HEAD, "offsets", 16), lambda x: x + 0.05, "attention at offset 0"),
        ((*HEAD, "entropy_deciles", 5), lambda x: x + 0.6, "entropy, decile 5"),
        ((*HEAD, "focus", 0), lambda x: x - 0.2, "focus in document"),
        ((*HEAD, "pairs", 0, "share"), lambda x: x + 0.02, "share"),
        ((*HEAD, "pairs", 0, "query"), "no such token", "pair 'no such token'"),
        ((*HEAD, "label_figures", 0, "precision"), lambda x: x + 0.05, "previous-token, precision"),
        ((*HEAD, "label_figures", 2, "recall"), lambda x: x + 0.3, "label self, recall"),
        ((*HEAD, "label_figures", 2, "held_out_precision"), 0.9, "label self, held_out_precision"),
        ((*HEAD, "label_figures", 0, "others_precision"), 0.9, "precision of others"),
        ((*HEAD, "alike", 0, "distance"), lambda x: x - 0.05, "distance from"),
        ((*HEAD, "certificate", "rows"), lambda x: x + 1, "L0H1, certificate: rows"),
        ((*HEAD, "certificate", "worst_total_variation"), 0.0, "worst total variation"),
        ((*HEAD, "maps", "pca-2d", "top3_mass"), lambda x: x - 0.1, "top-3 mass"),
        ((*HEAD, "maps", "pca-2d", "rank"), lambda x: x + 0.4, "map pca-2d: rank"),
        ((*HEAD, "maps", "pca-2d", "rows"), lambda x: x + 1, "map pca-2d: rows"),
        ((*HEAD, "maps", "pca-2d", "sampled"), True, "map pca-2d: sampled"),
        ((*HEAD, "maps", "pca-2d", "quantisation_error"), 0.5, "error of a coordinate"),
        (("models", 0, "axes", 0, "sample", "count"), lambda x: x - 1, "tokens on maps"),
        (("models", 0, "layouts", 0, "rows"), lambda x: x + 1, "layout of encoder: rows"),
        (("models", 0, "layouts", 0, "stress"), lambda x: x + 0.1, "layout of encoder: stress"),
        (
            ("models", 0, "layouts", 0, "stress_standard_error"),
            0.1,
            "standard error of the stress",
        ),
        (("documents", "groups", 0, "longest"), lambda x: x + 1, "group 0: longest text"),
        (("provenance", "sources", 0, "documents"), lambda x: x + 1, ": documents"),
        (("provenance", "seed"), lambda x: x + 1, "those that the seed draws"),
    ],
)
def test_a_figure_that_is_not_so_is_named(planted, path, value, named):
    found = planted("bidirectional", {path: value})
    assert found
    # By another seed other examples are drawn.
    drawn = [line for line in found if line.startswith("data/examples-")]
    assert not drawn or path == ("provenance", "seed")
    assert all(line.startswith("manifest.json: ") for line in found if line not in drawn)
    assert any(named in line for line in found), found
    assert any("the report states" in line and "its shards give" in line for line in found)


@pytest.mark.parametrize(
    ("case", "path", "value", "named"),
    [
        ("sinks", (*HEAD, "statistics", "sink"), lambda x: x + 0.03, "statistic sink"),
        ("pictures", (*HEAD, "statistics", "same_row"), lambda x: x + 0.05, "same_row"),
        ("pictures", (*HEAD, "statistics", "query_norm"), lambda x: 1.1 * x, "query_norm"),
        ("pictures", (*HEAD, "statistics", "effective_rank"), lambda x: 1.1 * x, "effective_rank"),
        ("pictures", (*HEAD, "maps", "pca-2d", "trustworthiness"), lambda x: x - 0.1, "trustwor"),
        ("pictures", (*HEAD, "maps", "pca-2d", "explained"), lambda x: x - 0.1, "variance kept"),
        ("pictures", (*HEAD, "spaces", "lifted", "top3_mass"), lambda x: x - 0.3, "space lifted"),
        ("pictures", (*HEAD, "spaces", "lifted", "rank"), lambda x: x + 0.3, "space lifted: rank"),
        ("windows", (*HEAD, "statistics", "unplaced"), lambda x: (x or 0) + 0.1, "unplaced"),
    ],
)
def test_figures_of_other_kinds_of_reports_too(planted, case, path, value, named):
    found = planted(case, {path: value})
    assert any(named in line for line in found), found


def test_a_report_of_long_documents_is_clean(tiny_report):
    assert differences(tiny_report("bert")) == []


def test_the_command_names_it_and_what_needs_the_model(attnviz_command, tiny_report, tmp_path):
    report = tiny_report("bert")
    code, out, _ = attnviz_command("check", report, "--deep")
    assert code == 0
    assert "figures recomputed from the shards" in out
    assert "not recomputed" in out
    assert out.strip().endswith("whole")


@pytest.fixture(scope="module")
def with_notices(tmp_path_factory, tiny_model):
    """A report whose notices state figures of every kind that shards can tell, with pages."""
    folder = tmp_path_factory.mktemp("notices")
    words = " ".join(text_models.WORDS)
    attnviz.build(
        {
            "models": [{"name": "bert", "source": str(tiny_model("bert")), "max_length": 20}],
            "documents": [
                {"text": [words, f"[CLS] {words[:30]}", f"[CLS] {words[:20]}"]},
                {"text": [{"text": words, "pair": words}]},
                {"translate": [{"source": "rain", "target": "sun"}] * 2},
            ],
            "window": {"overlap": 4},
            "maps": {"methods": ["pca"], "dimensions": [2]},
        },
        out=folder / "report",
        cache=folder / "cache",
    )
    return folder / "report"


def found_in(report, folder, change):
    """What is found in a copy of a report whose manifest is changed, and no longer sealed."""
    shutil.copytree(report, folder, dirs_exist_ok=True)
    (folder / "index.html").unlink()
    content = manifest_of(report)
    change(content)
    (folder / "manifest.json").write_text(json.dumps(content))
    return differences(folder)


def test_figures_of_notices_and_pages_are_so(with_notices):
    findings = audit(with_notices, lambda _name, layers: layers)
    assert [str(found) for found in findings.differences] == []
    assert any("what models did not read" in reason for reason in findings.skipped)
    kinds = [
        n["kind"] for n in json.loads((with_notices / "manifest.json").read_bytes())["notices"]
    ]
    assert sorted(kinds) == ["doubled", "left-out", "truncated", "window"]


@pytest.mark.parametrize(
    ("kind", "figure"),
    [
        ("window", "windows"),
        ("truncated", "limit"),
        ("truncated", "left_out"),
        ("doubled", "more"),
        ("left-out", "documents"),
    ],
)
@pytest.mark.parametrize("in_words", [False, True])
def test_a_figure_of_a_notice_that_is_not_so_is_named(
    with_notices, tmp_path, kind, figure, in_words
):
    def change(content):
        [notice] = [each for each in content["notices"] if each["kind"] == kind]
        stated = notice["figures"][figure]
        if in_words:
            notice["message"] = notice["message"].replace(f"{stated}", f"{stated + 1}")
        else:
            notice["figures"][figure] = stated + 1
            head, tail = notice["message"].rsplit(f"{stated}", 1)
            notice["message"] = f"{head}{stated + 1}{tail}"

    found = found_in(with_notices, tmp_path, change)
    assert any("notice" in line and f": {figure}" in line for line in found), found


def test_a_page_with_another_figure_is_named(with_notices, tmp_path):
    path = "heads/bert/L0H1.html"
    page = (with_notices / path).read_text()
    value = page.split('<td class="number">')[1].split("\u202f")[0]

    def change(content):
        raw = page.replace(f'<td class="number">{value}', f'<td class="number">9{value}', 1)
        (tmp_path / path).write_text(raw)
        content["files"][path] = {"bytes": len(raw.encode()), "sha256": sha256(raw.encode())}

    found = found_in(with_notices, tmp_path, change)
    assert [line.split(": ")[0] for line in found] == [path]
    assert f"states 9{value}" in found[0]


def test_it_needs_no_torch_and_no_model():
    run = subprocess.run(
        [sys.executable, "-c", ALONE, str(GOLDEN / "bidirectional")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["0", "[]"]


ALONE = """
import sys
from pathlib import Path
from attnviz.audit.audit import audit
found = audit(Path(sys.argv[1]), lambda name, layers: layers)
print(len(found.differences), [m for m in ("torch", "transformers", "umap") if m in sys.modules])
"""
