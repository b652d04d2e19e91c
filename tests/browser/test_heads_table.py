"""All heads in a table: what the manifest says of them, sorted, filtered, chosen, linked,
exported."""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.damage import copied, rewrite
from tests.browser.exports import export, press_export
from tests.browser.places import heads_of
from tests.browser.reach import serious
from tests.browser.visit import Visit

NAMES = ".heads-table tbody .head-link"


def by(report: Path, statistic: str, largest: bool) -> list[str]:
    """Names in order of a statistic; equal ones as the model has them, those without at the end."""
    known = [head for head in heads_of(report) if head["statistics"][statistic] is not None]
    rest = [head for head in heads_of(report) if head["statistics"][statistic] is None]
    sign = -1 if largest else 1
    ordered = sorted(known, key=lambda head: sign * head["statistics"][statistic])
    return [head["id"] for head in ordered + rest]


def heading(there: Visit, name: str) -> Any:
    return there.find(f"th[data-column='{name}']")


def test_every_head_has_a_row_of_its_figures(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    heads = heads_of(quickstart_report)
    assert there.texts(NAMES) == [head["id"] for head in heads]
    titles = there.texts(".heads-table thead th")
    entropies = there.texts(f".heads-table tbody tr > :nth-child({titles.index('Entropy') + 1})")
    assert [float(text) for text in entropies] == [
        round(head["statistics"]["entropy"], 2) for head in heads
    ]
    labelled = {head["id"]: [label["name"] for label in head["labels"]] for head in heads}
    assert labelled["L0H2"] == ["previous-token"]
    assert there.text("tr[data-head=L0H2] td") == "Previous token"
    nothing = next(name for name, labels in labelled.items() if not labels)
    assert there.text(f"tr[data-head={nothing}] td") == "none"


def test_a_bar_is_as_long_as_its_number(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", columns="previous")
    share = next(
        h["statistics"]["previous"] for h in heads_of(quickstart_report) if h["id"] == "L0H2"
    )
    length = there.find("tr[data-head=L0H2] td:last-child").evaluate(
        "e => e.style.getPropertyValue('--to')"
    )
    assert float(length.rstrip("%")) == pytest.approx(100 * share, abs=0.06)


def test_headings_sort_both_ways_and_back(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    for state, order, aria in [
        ("-entropy", by(quickstart_report, "entropy", True), "descending"),
        ("entropy", by(quickstart_report, "entropy", False), "ascending"),
        ("", [head["id"] for head in heads_of(quickstart_report)], None),
    ]:
        heading(there, "entropy").get_by_role("button").click()
        there.becomes(sort=state)
        assert there.texts(NAMES) == order
        assert heading(there, "entropy").get_attribute("aria-sort") == aria


def test_a_link_restores_order_filter_and_columns(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    there.find("button.label-chip[data-label=first-token]").click()
    there.becomes(labels="first-token")
    heading(there, "first").get_by_role("button").click()
    there.becomes(sort="-first")
    there.find(".heads-filter").fill("L1, entropy < 2")
    there.becomes(filter="L1, entropy < 2")
    names = there.texts(NAMES)
    fitting = {
        head["id"]
        for head in heads_of(quickstart_report)
        if head["layer"] == 1
        and head["statistics"]["entropy"] < 2
        and "first-token" in [label["name"] for label in head["labels"]]
    }
    expected = [name for name in by(quickstart_report, "first", True) if name in fitting]
    assert names == expected != []
    again = visit(quickstart_report)
    again.page.goto(there.page.url)
    again.drawn()
    assert again.texts(NAMES) == names
    assert again.find(".heads-filter").input_value() == "L1, entropy < 2"
    assert again.text(".lede").startswith(f"{len(names)} of 72 heads")


def test_columns_are_chosen_from_a_menu(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    assert heading(there, "keys90").count() == 0
    there.page.get_by_role("button", name="Columns", exact=True).click()
    there.page.get_by_role("checkbox", name="Keys for 90 %", exact=True).check()
    there.page.get_by_role("checkbox", name="Entropy", exact=True).uncheck()
    expect(heading(there, "keys90")).to_be_visible()
    assert heading(there, "entropy").count() == 0
    assert "keys90" in there.state["columns"]
    there.page.get_by_role("button", name="The usual columns").click()
    there.becomes(columns="")
    there.page.keyboard.press("Escape")
    expect(there.page.get_by_role("button", name="Columns", exact=True)).to_be_focused()


def test_what_is_not_understood_is_said_and_nothing_found_is_no_dead_end(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    there.find(".heads-filter").fill("entrpy > 2")
    there.says(".filter-fault", "No statistic is named “entrpy”")
    assert len(there.texts(NAMES)) == 72
    there.find(".heads-filter").fill("entropy > 99")
    there.says(".problem", "No head fits.")
    expect(there.find(".filter-fault")).to_be_hidden()
    there.page.get_by_role("button", name="Show all heads").click()
    there.becomes(filter="")
    assert len(there.texts(NAMES)) == 72


def test_keys_go_from_head_to_head_and_open_them(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L0H2")
    keyboard = there.page.keyboard
    keyboard.press("4")
    there.becomes(view="heads", head="L0H2")
    keyboard.press("ArrowDown")  # the first key only goes to the selected row
    there.becomes(head="L0H2")
    keyboard.press("ArrowDown")
    there.becomes(head="L0H3")
    expect(there.find("tr[data-head=L0H3] .head-link")).to_be_focused()
    expect(there.find("tr[aria-current]")).to_have_count(1)
    there.says(".inspector h2", "L0H3")
    keyboard.press("End")
    there.becomes(head="L5H11")
    expect(there.find("tr[data-head=L5H11]")).to_be_in_viewport()
    keyboard.press("Home")
    there.becomes(head="L0H0")
    keyboard.press("Enter")
    there.becomes(view="head", head="L0H0")
    there.page.go_back()
    there.becomes(view="heads", head="L0H0")


def test_a_sorted_table_opens_at_its_beginning_and_is_found_again_where_it_was_left(
    visit, quickstart_report
):
    there = visit(quickstart_report).open(view="heads", sort="-first", head="L0H2")
    expect(there.find("tbody tr").first).to_be_in_viewport()
    there.page.keyboard.press("End")
    there.page.keyboard.press("Enter")
    there.becomes(view="head")
    last = there.state["head"]
    there.page.go_back()
    there.becomes(view="heads", head=last)
    expect(there.find(f"tr[data-head={last}]")).to_be_in_viewport()


def test_a_row_selects_and_its_links_lead_on(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", sort="-entropy", doc=3)
    there.find("tr[data-head=L1H8] td").nth(2).click()
    there.becomes(view="heads", head="L1H8")
    there.find("tr[data-head=L1H8] .document-link").click()
    there.becomes(view="document", head="L1H8", doc=3)
    there.page.go_back()
    there.becomes(view="heads", sort="-entropy")
    there.find("tr[data-head=L2H0] .head-link").click()
    there.becomes(view="head", head="L2H0")


def test_the_file_has_the_rows_that_are_shown_and_all_digits(visit, quickstart_report, tmp_path):
    there = visit(quickstart_report).open(view="heads", filter="L3", sort="-entropy")
    press_export(there)
    path = export(there, "CSV", tmp_path)
    assert path.name == "minilm-heads.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {head["id"]: head for head in heads_of(quickstart_report)}
    names = [name for name in by(quickstart_report, "entropy", True) if known[name]["layer"] == 3]
    assert [f"L{row['layer']}H{row['head']}" for row in rows] == names
    for name, row in zip(names, rows, strict=True):
        head = known[name]
        for statistic, value in head["statistics"].items():
            assert float(row[statistic]) == value if value is not None else row[statistic] == ""
        assert float(row["stored.total_variation"]) == head["certificate"]["total_variation"]
        assert row["labels"] == "; ".join(label["name"] for label in head["labels"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_keeps_readers_out_of_the_table(visit, quickstart_report, scheme, width):
    there = visit(quickstart_report, color_scheme=scheme, viewport={"width": width, "height": 800})
    there.open(view="heads", sort="-entropy", filter="L3, entrpy > 1", labels="none")
    assert serious(there) == []
    there.page.get_by_role("button", name="Columns", exact=True).click()
    assert serious(there) == []


def entropy(place: int) -> int:
    """Each of 0 … 1023 once."""
    return place * 389 % 1024


def many_heads(manifest: dict[str, Any]) -> None:
    """A model of 32 layers with 32 heads each, as large ones are; what they do is made up."""
    model = manifest["models"][0]
    sample = model["heads"][0]
    model["stacks"][0] |= {"layers": 32, "heads": 32}
    model["captures"] = [model["captures"][0] | {"layer": layer} for layer in range(32)]
    model["heads"] = []
    for place in range(1024):
        head = copy.deepcopy(sample) | {"layer": place // 32, "head": place % 32, "maps": {}}
        head["statistics"]["entropy"] = entropy(place)
        model["heads"].append(head)


def test_a_thousand_heads_are_no_burden(visit, quickstart_report, tmp_path):
    report = copied(quickstart_report, tmp_path / "many")
    rewrite(report, many_heads)
    there = visit(report).open(view="heads")
    assert there.find(NAMES).count() == 1024
    heading(there, "entropy").get_by_role("button").click()
    there.becomes(sort="-entropy")
    largest = next(place for place in range(1024) if entropy(place) == 1023)
    expect(there.find("tbody tr").first).to_have_attribute(
        "data-head", f"L{largest // 32}H{largest % 32}"
    )
    took = there.page.evaluate("""async () => {
      const from = performance.now();
      document.querySelector("th[data-column='entropy'] button").click();
      document.body.offsetHeight;
      return performance.now() - from;
    }""")
    print(f"1,024 heads sorted and laid out in {took:.0f} ms")
    assert took < 2000


def test_the_column_that_heads_are_sorted_by_is_in_sight(visit, quickstart_report):
    there = visit(quickstart_report, viewport={"width": 760, "height": 700})
    there.open(view="heads", sort="-duplicate_probe")
    expect(heading(there, "duplicate_probe")).to_be_in_viewport(ratio=1)
    heading(there, "duplicate_probe").press("Enter")
    expect(heading(there, "duplicate_probe")).to_be_in_viewport(ratio=1)
    there.open(view="heads", sort="-entropy")
    expect(heading(there, "entropy")).to_be_in_viewport(ratio=1)
