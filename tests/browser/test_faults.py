"""What a reader sees where a report is damaged: which file, which head, what to do; and the rest
goes on."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser import damage
from tests.browser.screenshot import colors, marked, part, screenshot
from tests.browser.shares import check_list
from tests.browser.visit import Visit, eventually

# What browsers say of a file that is not there: servers answer with a page instead of it.
NOT_THERE = r"Failed to load resource|ERR_FILE_NOT_FOUND|strict MIME"
FAULTS = {
    "flipped": lambda report, path: damage.alter(report, path, damage.flip),
    "cut": lambda report, path: damage.alter(report, path, damage.cut),
    "missing": damage.remove,
    "future": damage.make_future,
}
SAYS = {
    "flipped": "its SHA-256 is not the one in the manifest",
    "cut": "bytes where the manifest says",
    "missing": "is not (there|on the server)",
    "future": "has report format",
    "bomb": "unpacks to more than the 8 MB",
}


each_fault = pytest.mark.parametrize("fault", FAULTS)
each_fault_somewhere = pytest.mark.parametrize(
    ("fault", "over"),
    [("flipped", "http"), ("cut", "file"), ("missing", "http"), ("future", "file")],
)


@pytest.fixture
def copy(quickstart_report, tmp_path) -> Path:
    return damage.copied(quickstart_report, tmp_path / "report")


def shows_problem(there: Visit, fault: str, path: str) -> str:
    """The problem's text, which must name the fault and the file."""
    there.drawn("error")
    problem = there.text(".problem")
    assert path in problem
    assert re.search(SAYS[fault], problem), problem
    assert "1 file could not be read" in there.text(".status")
    return problem


@each_fault
def test_a_fault_in_one_layer_s_attention_is_named_and_stays_there(
    visit, quickstart_report, copy, over, fault
):
    path = damage.path_of(copy, "attention", layer=3, encoding="dense-uint8", of_head=7)
    FAULTS[fault](copy, path)
    there = visit(copy, over, tolerate=NOT_THERE).go(view="document", head="L3H7", doc=17, token=5)
    problem = shows_problem(there, fault, path)
    assert "The attention of L3H7 in this document cannot be shown." in problem
    words = there.texts(".text-panel >> nth=0 >> .token")
    assert words[1:-1]  # the text can still be read
    expect(there.find(".dock")).to_be_hidden()

    there.page.keyboard.press("Shift+ArrowDown")
    there.becomes(head="L4H7", doc=17, token=5)
    expect(there.find(".problem")).to_have_count(0)
    attention = attnviz.open_report(quickstart_report).attention(4, 7, 17)
    check_list(there.find(".dock .partners-section").nth(0), attention[5])

    # The same layer's long documents, and its maps, are in other files.
    there.open(view="document", head="L3H7", doc=124, token=5)
    there.open(view="head", head="L3H7")
    assert marked(screenshot(there), colors(there)["page"]).mean() > 0.05


def test_a_flipped_bit_is_found_where_the_browser_computes_no_hashes(visit, copy):
    path = damage.path_of(copy, "attention", layer=3, encoding="dense-uint8", of_head=7)
    damage.alter(copy, path, damage.flip)
    there = visit(copy, "http")
    # As on plain http away from this machine.
    there.context.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    there.open(view="document", head="L2H7", doc=17)
    shows_problem(there.go(view="document", head="L3H7", doc=17), "flipped", path)


@each_fault_somewhere
def test_a_fault_in_one_layer_s_map_is_named_and_stays_there(visit, copy, over, fault):
    path = damage.path_of(copy, "map", layer=3, map="attention-2d", of_head=7)
    FAULTS[fault](copy, path)
    there = visit(copy, over, tolerate=NOT_THERE).go(view="head", head="L3H7")
    assert "The map of L3H7 cannot be drawn." in shows_problem(there, fault, path)
    (box,) = there.boxes(".map-host")
    assert (
        marked(
            part(screenshot(there), [box[0], box[1] + box[3] / 2, box[2] - 80, box[3] / 2 - 10]),
            colors(there)["page"],
        ).sum()
        == 0
    )
    there.page.keyboard.press("ArrowUp")
    there.becomes(head="L2H7")
    expect(there.find(".problem")).to_have_count(0)
    assert marked(part(screenshot(there), box, inset=8), colors(there)["page"]).mean() > 0.01
    there.page.keyboard.press("1")
    there.becomes(view="atlas")
    there.page.keyboard.press("3")
    there.becomes(view="document")


@each_fault_somewhere
def test_without_the_overview_heads_can_still_be_opened(visit, copy, over, fault):
    path = damage.path_of(copy, "overview")
    FAULTS[fault](copy, path)
    there = visit(copy, over, tolerate=NOT_THERE).go()
    assert "Heads can still be opened." in shows_problem(there, fault, path)
    there.find("[data-head=L2H7]").click()
    there.becomes(view="head", head="L2H7")


def test_without_tokens_maps_can_still_be_seen(visit, copy):
    path = damage.path_of(copy, "tokens")
    damage.alter(copy, path, damage.flip)
    there = visit(copy).go(view="document", head="L3H7")
    assert "This document cannot be shown." in shows_problem(there, "flipped", path)
    there.find(".tab[data-view=head]").click()
    there.becomes(view="head")
    (box,) = there.boxes(".map-host")
    assert marked(part(screenshot(there), box, inset=8), colors(there)["page"]).mean() > 0.01


def boot_says(there: Visit, *texts: str) -> None:
    """Fails where the page does not say this, with the help under it."""
    there.drawn("error")
    message = there.text("#boot-message")
    for text in texts:
        assert text in message
    for help_text in ("Unpack it first", "copy the whole folder"):
        there.says("#boot-help li", help_text)
    assert there.find("#app").inner_text() == ""


def test_a_report_of_a_future_format_is_refused_by_name(visit, copy, over):
    damage.rewrite(copy, lambda manifest: manifest.update(format_version=3))
    boot_says(
        visit(copy, over).go(),
        "manifest.json has report format 3; this viewer reads format 1 and 2",
    )


def test_a_manifest_of_something_else_is_refused(visit, copy, over):
    damage.rewrite(copy, lambda manifest: manifest.update(format="photo album"))
    boot_says(
        visit(copy, over).go(), "manifest.json is not part of an attnviz report", "photo album"
    )


def test_a_manifest_cut_short_is_called_damaged(visit, copy, over):
    damage.alter(copy, "manifest.json", damage.cut)
    boot_says(visit(copy, over).go(), "manifest.json is damaged or cut short")


def test_a_missing_manifest_is_named(visit, copy, over):
    damage.remove(copy, "manifest.json")
    there = visit(copy, over, tolerate=NOT_THERE).go()
    boot_says(
        there,
        "manifest.js is not there" if over == "file" else "manifest.json is not on the server",
    )


def test_a_twin_that_unpacks_to_more_than_a_file_may_have_is_named(visit, copy):
    path = damage.path_of(copy, "overview")
    bomb = gzip.compress(bytes(50_000_000))
    damage.replace(
        copy / f"{path}.js",
        f'attnvizShard("{path}","{base64.b64encode(bomb).decode()}","gzip")\n'.encode(),
    )
    shows_problem(visit(copy).go(), "bomb", f"{path}.js")


def test_a_folder_from_a_web_host_has_no_twins_and_says_what_is_missing(visit, copy):
    for twin in [copy / "manifest.js", *copy.glob("data/*.arrow.js")]:
        twin.unlink()
    boot_says(visit(copy, tolerate=NOT_THERE).go(), "manifest.js is not there")
    visit(copy, "http").open(view="head")


@pytest.mark.parametrize("kind", ["js", "css"])
def test_a_missing_viewer_is_named(visit, copy, over, kind):
    (viewer,) = copy.glob(f"assets/viewer-*.{kind}")
    viewer.unlink()
    there = visit(copy, over, tolerate=NOT_THERE).go()
    boot_says(there, f"assets/{viewer.name} is not there", "copy its whole folder again")


def test_index_html_alone_as_in_the_preview_of_a_zip_says_what_to_do(
    visit, quickstart_report, tmp_path
):
    (tmp_path / "index.html").write_bytes((quickstart_report / "index.html").read_bytes())
    there = visit(tmp_path, tolerate=NOT_THERE).go()
    there.says("#boot-help li", "Opened inside a zip or a preview? Unpack it first")
    there.says("#boot-help h1", "How MiniLM attends")
    assert there.find("html").get_attribute("data-ready") == "false"


def test_without_javascript_the_page_says_so(visit, quickstart_report, over):
    there = visit(quickstart_report, over, java_script_enabled=False).go()
    there.says("noscript p", "JavaScript is off.")
    there.says("#boot-help h1", "How MiniLM attends")
    there.says("#boot-help", "Every attention head of all-MiniLM-L6-v2, reading 126 documents.")


def test_an_old_index_html_starts_the_new_viewer(visit, copy, tiny_report):
    there = visit(copy, "http")
    kept = [(tiny_report("gpt2") / "index.html").read_text("utf-8")]
    there.page.route(
        "**/index.html",
        lambda route: (
            route.fulfill(body=kept.pop(), content_type="text/html") if kept else route.continue_()
        ),
    )
    there.open(view="head", head="L3H7")
    assert kept == []
    assert there.text(".title") == there.page.title().partition(" · ")[2] == "How MiniLM attends"


@pytest.fixture
def small(tiny_report, tmp_path) -> Path:
    """A small report, to be damaged."""
    return damage.copied(tiny_report("llama"), tmp_path / "small")


def test_an_index_html_of_another_build_is_refused(visit, small, tiny_report, over):
    damage.replace(small / "index.html", (tiny_report("gpt2") / "index.html").read_bytes())
    boot_says(visit(small, over).go(), "index.html is of another build", "Reload the page")


def test_two_digits_of_the_manifest_are_not_shown_as_truth(visit, small, over):
    def swap(content: bytes) -> bytes:
        place = content.index(b'"total_variation":0.00') + len(b'"total_variation":0.00')
        return content[:place] + b"42" + content[place + 2 :]

    damage.alter(small, "manifest.json", swap)
    boot_says(visit(small, over).go(), "manifest.json is damaged")


@pytest.mark.parametrize("fault", ["name", "number", "cut"])
def test_a_damaged_viewer_is_named_and_does_not_run(visit, small, over, fault):
    (viewer,) = small.glob("assets/viewer-*.js")
    script = viewer.read_bytes()
    changed = {
        "name": script.replace(b"description", b"descriptioo", 1),
        "number": script.replace(b"128*2**20", b"129*2**20", 1),
        "cut": damage.cut(script),
    }[fault]
    assert changed != script
    damage.replace(viewer, changed)
    there = visit(small, over, tolerate="SyntaxError|Unexpected|Invalid").go()
    boot_says(there, f"assets/{viewer.name} is damaged or cut short")
    assert there.state == {}


def test_a_damaged_stylesheet_is_named_over_http(visit, small):
    (style,) = small.glob("assets/viewer-*.css")
    damage.replace(style, style.read_bytes().replace(b"0", b"1", 1))
    there = visit(small, "http", tolerate="integrity").go()
    boot_says(there, f"assets/{style.name} is damaged or cut short")


@pytest.mark.parametrize("fault", ["missing", "number", "cut"])
def test_a_damaged_part_of_the_viewer_is_named_and_the_rest_goes_on(visit, small, over, fault):
    (part_file,) = small.glob("assets/part-neuron-*.js")
    intact = part_file.read_bytes()
    if fault == "missing":
        part_file.unlink()
    else:
        changed = {"number": intact.replace(b"1", b"2", 1), "cut": damage.cut(intact)}[fault]
        assert changed != intact
        damage.replace(part_file, changed)
    tolerate = f"{NOT_THERE}|SyntaxError|Unexpected|Invalid|enclosing"
    there = visit(small, over, tolerate=tolerate).go(view="neuron", head="L0H1")
    there.drawn("error")
    problem = there.text(".problem")
    assert "This view cannot be opened." in problem
    says = "is not there" if fault == "missing" else "is damaged or cut short"
    assert f"assets/{part_file.name} {says}" in problem
    assert "1 file could not be read" in there.text(".status")
    there.page.keyboard.press("2")
    there.becomes(view="head")
    there.page.go_back()
    there.drawn("error")
    part_file.unlink(missing_ok=True)
    part_file.write_bytes(intact)
    if over == "file":  # over http the browser keeps what it has
        there.find(".problem button", has_text="Try again").click()
        there.becomes(view="neuron")


def test_views_come_as_they_are_opened_and_the_rest_when_nothing_is_to_do(visit, small, over):
    there = visit(small, over).open()
    parts = {path.name for path in small.glob("assets/part-*.js")}

    def loaded() -> set[str]:
        there.page.title()  # so that the browser is heard
        return {url.rsplit("/", 1)[1] for url in there.requested if "/part-" in url}

    assert len(parts) > 5
    assert loaded() == set()
    assert eventually(lambda: loaded() == parts)
    assert len([url for url in there.requested if "/part-" in url]) == len(parts)


def test_a_key_pressed_while_a_view_is_fetched_is_for_that_view(visit, small):
    there = visit(small, "http").open(head="L0H1")
    fetches = []
    there.page.route("**/part-head-*.js", lambda route: fetches.append(route))
    there.page.keyboard.press("2")
    there.page.keyboard.press("ArrowDown")
    assert eventually(lambda: there.page.title() and fetches)
    fetches.pop().continue_()
    there.becomes(view="head", head="L1H1")


def test_an_old_manifest_that_names_a_viewer_that_is_gone_is_read_again(visit, copy):
    there = visit(copy, "http", tolerate=NOT_THERE)
    current = (copy / "manifest.json").read_text("utf-8")
    viewer = next(copy.glob("assets/viewer-*.js")).name
    answers = [current.replace(viewer, "viewer-0123456789abcdef.js"), current]
    there.page.route(
        "**/manifest.json",
        lambda route: route.fulfill(body=answers.pop(0), content_type="application/json"),
    )
    there.open(view="head", head="L3H7")
    assert answers == []
    assert there.text(".head-card h2") == "L3H7"


def test_a_report_built_anew_while_it_is_read_asks_to_be_reloaded(visit, copy):
    there = visit(copy, "http", tolerate=NOT_THERE).open()
    path = damage.path_of(copy, "map", layer=3, map="attention-2d", of_head=7)
    newer = path.replace("data/", "data/newer-")
    for suffix in ("", ".js"):
        (copy / (path + suffix)).rename(copy / (newer + suffix))

    def move(manifest):
        (entry,) = (entry for entry in manifest["shards"].values() if entry["path"] == path)
        entry["path"] = newer

    damage.rewrite(copy, move)
    there.find("[data-head=L3H7]").click()
    there.becomes("error", view="head", head="L3H7")
    there.says(".banner", "built anew since the page was opened")
    there.find(".banner button", has_text="Reload").click()
    eventually(lambda: there.find("html[data-ready=true]").count() == 1)
    there.becomes(view="head", head="L3H7")
