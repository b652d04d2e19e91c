"""A report in one page: what is in it, what it may run, and its pictures."""

import base64
import gzip
import hashlib

import numpy as np
import pytest

from attnviz.errors import InputError
from attnviz.format.manifest import Manifest
from attnviz.site import one_page as module
from attnviz.site.thumbnail import CELLS, SHADES, thumbnail
from tests.unit.site.page import Page
from tests.unit.site.small_manifest import manifest
from tests.unit.site.test_hostile_text import HOSTILE


def page_of(text="plain", start=""):
    report = Manifest.model_validate(manifest(text))
    picture = thumbnail(np.eye(3))
    pictures = {("encoder", "L0H0"): picture}
    return module.one_page(report, {"data/a.arrow": b"abc" * 100}, pictures, start).encode()


def source(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_it_carries_the_manifest_the_shards_and_the_viewer():
    page = Page(page_of())
    blocks = {
        script["data-carried"]: script for script in page.all("script") if "data-carried" in script
    }
    assert {"manifest.json", "data/a.arrow"} < set(blocks)
    assert all(script["type"] == "text/plain" for script in blocks.values())
    raw = page_of().decode()
    packed = raw.split('data-carried="data/a.arrow">')[1].split("<")[0]
    assert gzip.decompress(base64.b64decode(packed)) == b"abc" * 100
    seal = page.all("script")[-1]["data-manifest"]
    sealed = gzip.decompress(
        base64.b64decode(raw.split('data-carried="manifest.json">')[1].split("<")[0])
    )
    assert hashlib.sha256(sealed).hexdigest() == seal
    carried = Manifest.model_validate_json(sealed)
    assert {carried.viewer.script, carried.viewer.style} <= set(carried.files) < set(blocks)


def test_its_policy_allows_its_own_scripts_and_styles_by_hash_and_nothing_else():
    raw = page_of().decode()
    page = Page(raw.encode())
    for directive in ("default-src", "base-uri", "form-action", "object-src", "frame-src"):
        assert page.policy[directive] == "'none'"
    boot = raw.split("<script data-manifest=")[1].split(">", 1)[1].split("</script>")[0]
    assert source(boot) in page.policy["script-src"].split()
    assert source("".join(page.styles)) in page.policy["style-src"].split()
    allowed = " ".join(page.policy.values()).split()
    assert {each for each in allowed if not each.startswith("'sha256-")} == {
        "'none'", "data:", "blob:"
    }  # fmt: skip
    assert not any("style" in attributes for _, attributes in page.elements)
    assert page.addresses == ["data:,"]


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:20] for text in HOSTILE])
def test_hostile_texts_stay_texts_in_it(text):
    page = Page(page_of(text))
    assert page.shape == Page(page_of()).shape
    assert " ".join(f"title {text}".split()) in page.text
    assert " ".join(f"model {text}".split()) in page.text


def test_it_is_the_same_bytes_again_and_says_where_it_opens():
    assert page_of() == page_of()
    assert "data-start" not in Page(page_of()).all("html")[0]
    assert Page(page_of(start='#view="lines"')).all("html")[0]["data-start"] == '#view="lines"'


def test_a_script_that_would_end_in_the_page_is_refused(monkeypatch):
    broken = {"assets/boot.js": b"x = '</SCRIPT>'"}
    bundle = module.assets(module.templates_folder())
    monkeypatch.setattr(
        module, "assets", lambda _: type(bundle)({**bundle.files, **broken}, "a", "b")
    )
    with pytest.raises(InputError, match="cannot stand in a page"):
        page_of()


def test_a_thumbnail_has_each_peak_where_it_is():
    attention = np.full((40, 64), 0.001)
    attention[39, 0] = 1.0
    attention[0, 63] = np.nan
    picture = thumbnail(attention)
    assert (picture.width, picture.height) == (CELLS, CELLS)
    assert [shade.opacity for shade in picture.shades] == [SHADES[-1]]
    assert picture.shades[0].path == "M0 15h1v1h-1z"


def test_a_thumbnail_of_few_tokens_has_a_cell_for_each_pair():
    picture = thumbnail(np.array([[1.0, 0.0], [0.05, 0.95], [np.nan, np.nan]]))
    assert (picture.width, picture.height) == (2, 3)
    assert [shade.path for shade in picture.shades] == ["M0 1h1v1h-1z", "M0 0h1v1h-1zM1 1h1v1h-1z"]
