"""The notebook of the documentation, run by a kernel, and its exported HTML in a browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "attention.ipynb"


def test_the_notebook_runs_and_its_export_shows_each_cell(visit, tmp_path, monkeypatch):
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    # The basic template has the cells alone: others load MathJax from the network.
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "attention.html").write_text(f'<link rel="icon" href="data:,">{body}', "utf-8")

    there = visit(folder, tolerate="about:srcdoc")
    there.go("attention.html")
    frames = [there.page.frame_locator(f"iframe >> nth={number}") for number in range(3)]
    for frame, view in zip(frames, ("lines", "matrix"), strict=False):
        expect(frame.locator(f"html[data-view={view}][data-ready=true]")).to_be_attached()
    lines, matrix, _ = there.page.frames[1:]
    assert lines.evaluate("attnviz.state.head") == "L0H2"
    previous = lines.evaluate("attnviz.attention(0, 2, 0, 5).then((row) => row[4])")
    assert previous > 0.9  # L0H2 attends to the token before
    assert matrix.evaluate("attnviz.state.head") == "L5H3"
    expect(frames[2].locator(".token")).to_have_count(11)  # [CLS] a dog … . [SEP]
    frames[0].get_by_role("link", name="Find heads").click()
    expect(frames[0].locator("html[data-view=heads][data-ready=true]")).to_be_attached()
    requested = {url.split("#")[0] for url in there.requested}
    assert requested <= {f"{folder.as_uri()}/attention.html", "about:srcdoc"}
