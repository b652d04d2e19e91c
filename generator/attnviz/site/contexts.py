"""The contexts of the templates. Every text is plain text: the templates escape it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from attnviz.site.thumbnail import Thumbnail

Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True)
class IndexPage:
    """index.html.j2, the viewer's page."""

    title: str
    """The report's title."""
    description: str
    """One sentence on what the report shows."""
    csp: str
    """The content security policy."""
    critical_css: Markup
    """Styles of the page before the viewer's own are loaded; the policy holds their hash, so not a
    space may change."""
    theme: Theme
    """The colours that the corpus asks for."""
    address: str | None
    """Where the report will be published; None where the corpus does not say."""
    preview: str | None
    """The address of the picture that other sites show beside a link to it."""
    seal: str
    """The manifest's SHA-256."""


@dataclass(frozen=True)
class Link:
    """A way to another page."""

    label: str
    """What the reader sees."""
    href: str
    """Where it leads, relative to the page."""
    rel: str
    """What it is to this page: `prev` or `next` within a layer, `up` or `down` across layers."""


@dataclass(frozen=True)
class Figure:
    """A number with what it means."""

    title: str
    """Its name."""
    value: str
    """The number with its unit, or that it is not defined."""
    description: str
    """How it is measured."""


@dataclass(frozen=True)
class Fact:
    """A fact and its name."""

    name: str
    """What the fact is about."""
    value: str
    """The fact."""


@dataclass(frozen=True)
class MapRow:
    """How true a map is, or a space that maps are made from."""

    title: str
    """Its name."""
    top3_mass: str
    """The attention on a query's three nearest keys, as a share of that on the three most
    attended."""
    rank: str
    """Spearman's correlation of distance and score; −1 is perfect."""
    trustworthiness: str
    """Whether what is near on the map is near in the space it was made from; 1 is perfect."""
    error: str
    """The largest error of a stored coordinate."""


@dataclass(frozen=True)
class TitledThumbnail:
    """A head's attention in one document."""

    picture: Thumbnail
    """The picture."""
    title: str
    """The document's title."""
    href: str
    """The link that opens it in the viewer, relative to the page."""


@dataclass(frozen=True)
class MapPicture:
    """A head's map as an SVG without styles."""

    title: str
    """The map's name."""
    size: int
    """The sides of the box."""
    queries: str
    """A path with a dot at each query."""
    keys: str
    """A path with a dot at each key."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a text in one shade."""

    text: str
    """The characters."""
    shade: int
    """0 for none, up to 6."""


@dataclass(frozen=True)
class ShadedText:
    """A document's text, shaded by the attention that its tokens get."""

    title: str
    """The document's title."""
    href: str
    """The link that opens it in the viewer, relative to the page."""
    focus: str | None
    """How focused the head is in it; None where that is not defined."""
    pieces: tuple[Piece, ...]
    """The text, one after another."""
    strongest: tuple[tuple[str, str], ...]
    """The tokens that get most, each with its share."""


@dataclass(frozen=True)
class HeadPicture:
    """What a head's page shows of the shards."""

    pattern: TitledThumbnail | None
    """Its attention in a document; None where none is short enough."""
    map: MapPicture | None
    """Its map; None where it has none in two dimensions."""
    texts: tuple[ShadedText, ...]
    """From the text that it reads most sharply to that which it reads least."""


@dataclass(frozen=True)
class PairRow:
    """Two tokens between which a head attends more than by chance."""

    query: str
    """The token that attends."""
    key: str
    """The token that it attends to."""
    share: str
    """The part of the head's attention between them."""
    lift: str
    """How many times what chance would give."""


@dataclass(frozen=True)
class HeadPage:
    """head.html.j2, the page of one head."""

    title: str
    """The report's title."""
    model: str
    """The model's title."""
    head: str
    """The head's name in links: L5H3."""
    name: str
    """The head's name in words: Layer 5, head 3."""
    description: str
    """One sentence on the head."""
    csp: str
    """The content security policy."""
    theme: Theme
    """The colours that the corpus asks for."""
    address: str | None
    """Where this page will be published; None where the corpus does not say."""
    preview: str | None
    """The address of the picture that other sites show beside a link to it."""
    root: str
    """The way from this page to the report's folder, with a slash at its end."""
    story: str | None
    """The way to the story, where the report has one."""
    viewer: str
    """The link that opens this head in the viewer."""
    labels: tuple[Figure, ...]
    """The labels that lead for the head, each with the score that earned it."""
    rest: str | None
    """How much of its attention rests, and what its labels are with that; None where that is not
    worth a word."""
    picture: HeadPicture | None
    """What is shown of its shards; None where they are not at hand."""
    pairs: tuple[PairRow, ...]
    """The token pairs that it attends between most."""
    figures: tuple[Figure, ...]
    """The head's statistics."""
    maps: tuple[MapRow, ...]
    """The head's maps and spaces."""
    map_words: tuple[str, ...]
    """What no map can show of it, and of which tokens they are."""
    verdict: str
    """In one sentence, how true the stored attention is."""
    certificate: tuple[str, ...]
    """The sentences that say it in full."""
    capture: tuple[Fact, ...]
    """How this head's attention was captured, and how it is stored."""
    neighbours: tuple[Link, ...]
    """The heads beside this one."""
    notices: tuple[str, ...]
    """What was shortened, left out or assumed; the first few."""
    more_notices: int
    """How many notices are not listed here."""
    provenance: tuple[Fact, ...]
    """Where model, texts and report come from."""


@dataclass(frozen=True)
class LabelledHead:
    """A head in a list by label."""

    name: str
    """Its name in links."""
    value: str
    """The score that earned the label; nothing where there is none."""
    rest: str
    """How much of its attention rests, in words; nothing where that is not worth a word."""


@dataclass(frozen=True)
class LabelHeads:
    """A label, and the pages of the heads for which it leads."""

    title: str
    """Its name; that of heads without one is said in words."""
    description: str
    """One sentence on it."""
    heads: tuple[LabelledHead, ...]
    """The heads, the strongest first."""


@dataclass(frozen=True)
class ModelHeads:
    """One model, and its heads by label."""

    title: str
    """The model's title."""
    name: str
    """The model's name, which is the folder of its heads' pages."""
    labels: tuple[LabelHeads, ...]
    """The labels that lead for its heads, then the heads without one, then those that rest."""


@dataclass(frozen=True)
class HeadsPage:
    """heads.html.j2, the index of heads by label."""

    title: str
    """The report's title."""
    description: str
    """One sentence on what the report shows."""
    csp: str
    """The content security policy."""
    theme: Theme
    """The colours that the corpus asks for."""
    address: str | None
    """Where this page will be published; None where the corpus does not say."""
    preview: str | None
    """The address of the picture that other sites show beside a link to it."""
    story: str | None
    """The way to the story, where the report has one."""
    models: tuple[ModelHeads, ...]
    """The models, in order."""


@dataclass(frozen=True)
class StoryPage:
    """story.html.j2, an article with views of the report in it."""

    title: str
    """The report's title."""
    heading: str
    """The article's."""
    description: str
    """Its first words."""
    csp: str
    """The content security policy."""
    theme: Theme
    """The colours that the corpus asks for."""
    address: str | None
    """Where this page will be published; None where the corpus does not say."""
    preview: str | None
    """The address of the picture that other sites show beside a link to it."""
    article: Markup
    """The article's markup."""


@dataclass(frozen=True)
class LabelRow:
    """A label, and which heads have it."""

    title: str
    """Its name."""
    description: str
    """One sentence on it."""
    heads: str
    """The heads, the strongest first."""


@dataclass(frozen=True)
class HeadRow:
    """One head in a table of all."""

    head: str
    """Its name in links: L5H3."""
    picture: Thumbnail | None
    """Its attention in a document; None where no document is short enough."""
    labels: str
    """The labels that lead for it with their scores, and how much of its attention rests."""
    figures: tuple[str, ...]
    """Its statistics, a text for each of the table's columns."""
    error: str
    """How far what is stored is from the model's own attention, on average."""


@dataclass(frozen=True)
class ModelSummary:
    """One model, as one.html.j2 shows it without scripts."""

    title: str
    """The model's title."""
    labels: tuple[LabelRow, ...]
    """The labels that its heads have."""
    columns: tuple[str, ...]
    """Names of the table's statistics."""
    heads: tuple[HeadRow, ...]
    """All heads, in order."""


@dataclass(frozen=True)
class Carried:
    """A file that a page carries."""

    path: str
    """Where it would lie in the report."""
    content: str
    """Base64 of gzip."""


@dataclass(frozen=True)
class OnePage:
    """one.html.j2, a whole report in one page."""

    title: str
    """The report's title."""
    description: str
    """One sentence on what the report shows."""
    csp: str
    """The content security policy."""
    critical_css: Markup
    """Styles of the summary, and of the page before the viewer's own; the policy holds their hash,
    so not a space may change."""
    theme: Theme
    """The colours that the corpus asks for."""
    seal: str
    """The SHA-256 of the manifest that the page carries."""
    start: str
    """The link's hash that the viewer opens at; empty for its usual view."""
    story: Markup | None
    """The story's markup, where the report has one."""
    models: tuple[ModelSummary, ...]
    """What is read without scripts."""
    licences: str
    """The licences of the viewer's parts."""
    files: tuple[Carried, ...]
    """The manifest, the shards, the viewer's script and style."""
    boot: Markup
    """The script that starts the viewer; the policy holds its hash."""


@dataclass(frozen=True)
class ShadedToken:
    """A token on a background that tells its score."""

    text: str
    """The token."""
    score: str
    """Its score."""
    color: str
    """The name of its colour's class."""


@dataclass(frozen=True)
class LegendTick:
    """A score on a legend."""

    word: str
    """Which it is: least, mean or most."""
    score: str
    """The score."""
    at: float
    """Where it stands, in units of the legend's picture."""


@dataclass(frozen=True)
class ShadedRow:
    """The tokens with one row of scores."""

    name: str
    """What the scores are; empty for the only ones."""
    tokens: tuple[ShadedToken, ...]
    """The tokens in order."""
    legend: tuple[str, ...]
    """Colours of the scale, #rrggbb, from its lower end to its upper."""
    step: float
    """Width of a colour in the legend's picture."""
    ticks: tuple[LegendTick, ...]
    """Least, mean and largest score."""
    limits: tuple[str, str]
    """The scores at the ends of the scale."""


@dataclass(frozen=True)
class TokenPage:
    """tokens.html.j2, tokens shaded by one score each."""

    title: str
    """The page's title."""
    words: str
    """How scores became colours."""
    csp: str
    """The content security policy."""
    css: Markup
    """Styles, with a class for each colour; the policy holds their hash."""
    rows: tuple[ShadedRow, ...]
    """Rows of scores."""
