"""Pages as a browser would parse them."""

from html.parser import HTMLParser

from attnviz.site import render_pages, templates_folder
from tests.unit.site.small_manifest import manifest


class Page(HTMLParser):
    """The parsed page: its elements with their attributes, its text, and the text of its style
    blocks."""

    def __init__(self, content):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.styles, self.inside = [], [], [], None
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag, attributes):
        assert len(attributes) == len(dict(attributes)), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attributes)))
        self.inside = tag
        if tag not in ("bdi", "span"):
            self.texts.append(" ")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        (self.styles if self.inside == "style" else self.texts).append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    @property
    def shape(self):
        """What no text of the manifest may change."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]

    @property
    def addresses(self):
        """The addresses that the page loads or links to."""
        return [
            attributes[name]
            for _, attributes in self.elements
            for name in ("href", "src")
            if name in attributes
        ]

    @property
    def policy(self):
        (policy,) = [
            element["content"]
            for element in self.all("meta")
            if element.get("http-equiv") == "Content-Security-Policy"
        ]
        return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def render(**options):
    pages = render_pages(manifest(**options), templates_folder())
    return {path: Page(content) for path, content in pages.items()}
