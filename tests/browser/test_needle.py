"""What a head copies from long texts, in its panel."""

from playwright.sync_api import expect

from tests.browser.damage import copied, rewrite

DEPTHS = [
    {"depth": 0.1, "retrieval": 0.75, "strongest": 0.5, "control": 0.02},
    {"depth": 0.5, "retrieval": 0.25, "strongest": 0.125, "control": 0.01},
]


def test_the_panel_has_a_row_for_each_depth(visit, tiny_report, tmp_path):
    report = copied(tiny_report("gpt2"), tmp_path / "report")
    rewrite(report, lambda manifest: manifest["models"][0]["heads"][0].update(needle=DEPTHS))
    there = visit(report).open(view="atlas", head="L0H0")
    table = there.page.locator(".needle-depths table")
    expect(table.locator("tr")).to_have_count(3)
    cells = [row.locator("th, td").all_inner_texts() for row in table.locator("tr").all()]
    assert cells[0] == ["Depth", "Retrieval", "Strongest", "Control"]
    assert [" ".join(row).replace("\u202f", "") for row in cells[1:]] == [
        "10% 75% 50% 2%",
        "50% 25% 13% 1%",
    ]
    there.open(view="atlas", head="L0H1")
    expect(there.page.locator(".needle-depths")).to_have_count(0)
