"""What a page may load and run: its policy and its scripts."""

import base64
import hashlib


def test_every_page_has_a_policy_that_allows_nothing_remote(pages):
    for path, page in pages.items():
        policy = page.policy
        assert policy["default-src"] == "'none'", path
        for directive in ("base-uri", "form-action", "object-src", "frame-src"):
            assert policy[directive] == "'none'"
        allowed = {source for sources in policy.values() for source in sources.split()}
        hashes = {source for source in allowed if source.startswith("'sha256-")}
        assert allowed - hashes <= {"'none'", "'self'", "file:", "data:", "blob:"}
        first = [tag for tag, _ in page.elements][:4]
        assert first == ["html", "head", "meta", "meta"]
        assert page.elements[2][1] == {"charset": "utf-8"}
        assert page.elements[3][1]["http-equiv"] == "Content-Security-Policy"


def test_pages_of_heads_have_no_scripts(pages):
    for path, page in pages.items():
        if path != "index.html":
            assert page.all("script") == [] == page.all("style")
            assert "script-src" not in page.policy


def test_the_viewers_page_has_its_own_script_and_one_style_of_known_hash(pages):
    page = pages["index.html"]
    assert [script["src"] for script in page.all("script")] == ["assets/boot.js"]
    digest = base64.b64encode(hashlib.sha256("".join(page.styles).encode()).digest()).decode()
    assert page.policy["style-src"].split() == ["'self'", "file:", f"'sha256-{digest}'"]
    assert len(page.all("style")) == 1
    assert not any("style" in attributes for _, attributes in page.elements)
