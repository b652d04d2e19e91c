"""A story: Markdown to a page, its links held to the report, its pictures views of it."""

import re
from pathlib import Path

import pytest

from attnviz.errors import InputError
from attnviz.format.manifest import Manifest
from attnviz.site import render_pages, templates_folder
from attnviz.site.story import Story, story_page
from attnviz.site.story_links import KEYS, VIEWS, LinkCheck
from tests.fixtures.hostile import HOSTILE
from tests.unit.site.page import Page
from tests.unit.site.small_manifest import manifest

SOURCES = Path(__file__).parents[3] / "site_templates" / "src"
PAGES = ["index.html", "story.html", "heads.html", "heads/encoder/L0H0.html"]


def written(text, **options):
    document = manifest(**options)
    report = Manifest.model_validate(document)
    check = LinkCheck(report, lambda model, axis: [7, 7, 0, 7])
    page = story_page(Story("story.md", text), report, check, PAGES)
    return render_pages(document, templates_folder(), story=page)


def page_of(text):
    return Page(written(text)["story.html"])


def faults(text):
    with pytest.raises(InputError) as error:
        written(text)
    return error.value.problems


def test_keys_and_views_are_those_of_the_viewer():
    table = (SOURCES / "state" / "link-keys.js").read_text("utf-8").partition("LINK_KEYS = {")[2]
    assert set(KEYS) == set(re.findall(r"^  (\w+): \{", table, re.MULTILINE))
    places = re.findall(r"'\./(\w+)/index\.js'", (SOURCES / "views" / "list.js").read_text("utf-8"))
    views = [(SOURCES / "views" / place / "index.js").read_text("utf-8") for place in places]
    assert sorted(VIEWS) == sorted(re.search(r"name: '(\w+)'", view)[1] for view in views)


def test_links_lead_into_the_viewer_and_to_pages():
    page = page_of(
        "See [a head](#view=head&head=L0H1), [a layer](#view=lines&heads=layer),"
        " [all](heads.html), [one](heads/encoder/L0H0.html) and [more](https://example.org/)."
    )
    links = [link["href"] for link in page.all("a")]
    assert "index.html#view=head&head=L0H1" in links
    assert {"heads.html", "heads/encoder/L0H0.html", "https://example.org/"} <= set(links)


def test_a_picture_is_a_view_with_its_caption():
    page = page_of("![What *it* does](#view=document&head=L0H1&doc=1&token=2&side=key)")
    (frame,) = page.all("iframe")
    link = "index.html#view=document&head=L0H1&doc=1&token=2&side=key"
    assert frame == {"src": f"{link}&embed=1", "title": "What it does", "loading": "lazy"}
    assert link in [each["href"] for each in page.all("a")]
    assert "What it does Open in the viewer" in page.text
    assert page.policy["frame-src"] == "'self' file:"
    assert "script-src" not in page.policy


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("#view=head&head=L9H9", "there is no head “L9H9” in encoder; it has L0H0 to L1H1"),
        ("#view=hat", "there is no view “hat”; expected one of atlas, head"),
        ("#haed=L0H0", "there is no key “haed” in links; expected model, head"),
        ("#model=other", "there is no model “other”; the report has encoder, decoder"),
        ("#view=document&doc=4", "there is no document “4”; the report has 0 to 3"),
        ("#view=document&doc=-1", "there is no document “-1”; the report has 0 to 3"),
        ("#doc=1&token=7", "there is no token “7” in document 1; it has 0 to 6"),
        ("#doc=2&token=0", "there is no token “0” in document 2; encoder reads none of it"),
        ("#doc=1&token=1&tokens=2,9", "there is no token “9” in document 1; it has 0 to 6"),
        ("#token=1", "“token” is a token of no document; expected doc beside it"),
        ("#view=head&map=best", "there is no map “best”; encoder has"),
        ("#view=lines&heads=L0H0,L7H0", "there is no head “L7H0” in encoder"),
        ("#", "“#” names nothing"),
        ("other.html", "the link “other.html” leads nowhere; expected #view=…"),
        ("ftp://example.org", "the link “ftp://example.org” leads nowhere"),
    ],
)
def test_a_link_that_leads_nowhere_is_said_with_its_line(link, says):
    (fault,) = faults(f"# Title\n\nOne line,\nanother with [a link]({link}).\n")
    assert fault.startswith("story.md:4: ")
    assert says in fault


def test_all_faults_are_said_at_once_those_of_pictures_too():
    text = (
        "![a](picture.png)\n\nSee ![b](#view=atlas) here.\n\n![c](#head=L9H9)\n\n- [d](nowhere)\n"
    )
    places = [fault.partition(": ")[0] for fault in faults(text)]
    assert places == ["story.md:1", "story.md:3", "story.md:5", "story.md:7"]


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_markup_stays_text(text):
    plain = page_of("# A title\n\nSome text.\n\n![a caption](#view=atlas)\n")
    page = page_of(f"# A title\n\nSome `x` {text}\n\n![a caption {text}](#view=atlas)\n")
    extra = {("code", ())} | {(tag, ()) for tag in ("em", "strong")}
    shapes = [(tag, tuple(names)) for tag, names in page.shape]
    allowed = [(tag, tuple(names)) for tag, names in plain.shape]
    assert [shape for shape in shapes if shape not in extra] == allowed
    assert not any(link.startswith(("javascript:", "data:text")) for link in page.addresses)


def test_a_link_by_script_stays_text():
    page = page_of("[press](javascript:alert(1)) and <a href='https://example.org'>this</a>")
    assert "[press](javascript:alert(1))" in page.text
    assert not [link for link in page.addresses if "javascript" in link or "example" in link]


def test_pages_lead_to_the_story_where_there_is_one():
    pages = written("# Title\n\nText.")
    for path, way in [("heads.html", ""), ("heads/encoder/L0H0.html", "../../")]:
        links = [link["href"] for link in Page(pages[path]).all("a")]
        assert f"{way}story.html" in links
    without = render_pages(manifest(), templates_folder())
    assert "story.html" not in without
    assert not any(b"story.html" in content for content in without.values())
