"""What a report says to programs and agents: llms.txt, which tells how to read it, and the JSON
Schema of its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attnviz.format.manifest import Manifest
from attnviz.format.schema import SCHEMA_FILE, manifest_schema
from attnviz.site.heads_index import models_of
from attnviz.site.story import SOURCE, STORY, Story
from attnviz.site.wording import bounds_sentence, count_of

LLMS: Final = "llms.txt"
_STRONGEST: Final = 8
"""Heads that are named beside a label."""

_FILES: Final = f"""\
## Files

- [manifest.json](manifest.json): models, the axes of tokens, and the tables of heads, files and
  pages, each with its SHA-256. Its JSON Schema is [{SCHEMA_FILE}]({SCHEMA_FILE})
{{data}}
- [heads.html](heads.html): heads by label, each with a page of its own, `heads/MODEL/HEAD.html`;
  they are read without JavaScript
- [index.html](index.html): the viewer, which needs JavaScript
"""

_SHARDS: Final = """\
- `data/*.arrow`: Arrow IPC files: heads with their statistics, labels and certificates, texts,
  tokens, maps, and attention in a form that has to be decoded. `tables` of the manifest names the
  tables of heads and of shards, and these name the rest
"""
_TWINS: Final = """\
- `data/*.arrow.js` and `manifest.js`: the same bytes once more, for browsers that open the folder
  from a disk
"""
_TWINS_ALONE: Final = """\
- `data/*.arrow.js`: heads with their statistics, labels and certificates, texts, tokens, maps, and
  attention in a form that has to be decoded; each holds an Arrow IPC file, as base64 of gzip in a
  script's call. `tables` of the manifest names the tables of heads and of shards, and these name
  the rest
"""
_STORY: Final = f"""\
- [{SOURCE}]({SOURCE}): what its authors write about the report, with links to heads and documents;
  [{STORY}]({STORY}) is the same as a page
"""

_PYTHON: Final = """\
## Numbers

The Python package attnviz decodes them. FOLDER is the folder that has this file; all indices count
from zero.

```python
import attnviz

report = attnviz.open_report("FOLDER")
report.heads  # an Arrow table: one row a head, a column for each statistic
report.query("heads where entropy < 1 by entropy")  # some of them
report.documents[0].text, report.documents[0].tokens
report.attention(layer=0, head=0, document=0)  # NumPy, (queries, keys): probabilities
```

From a shell, `attnviz query FOLDER 'heads where entropy < 1' --json` asks the same, and
`attnviz check FOLDER` says whether the report is whole. Without the package, statistics are columns
of `data/heads-*.arrow`, such as `statistics.entropy`: shares between 0 and 1, entropies in nats,
distances in tokens.
"""

_LINKS: Final = """\
## Links

What a link shows stands after its `#`:
`index.html#model=MODEL&head=HEAD&doc=0&token=5&side=query&view=document`. `doc` and `token` count
from zero; `side` is `query` (where the token looks) or `key` (who looks at it); `view` is atlas,
head (its map), document, lines, matrix, patterns, neuron, compare or heads. `embed=1` shows the
view alone, for a frame in another page.
"""


def program_files(report: Manifest, story: Story | None = None) -> dict[str, bytes]:
    """llms.txt, the schema and the story as it was written, by path. The same gives the same
    bytes."""
    files = {
        LLMS: llms_text(report, with_story=story is not None).encode("utf-8", "replace"),
        SCHEMA_FILE: manifest_schema().encode(),
    }
    return files if story is None else {**files, SOURCE: story.text.encode("utf-8", "replace")}


def llms_text(report: Manifest, with_story: bool = False) -> str:
    """How to read the report, as https://llmstxt.org asks: Markdown, its title first."""
    models = ", ".join(_line(model.title) for model in report.models)
    documents = count_of(report.documents.count, "document")
    summary = (
        f"> Every attention head of {models}, reading {documents}: a static report, made by"
        f" {report.provenance.generator}."
    )
    fidelity = (
        "Decoded attention is near what was captured, not equal to it; `certificate` of each head\n"
        f"says how near. {bounds_sentence(report.fidelity)}"
    )
    data = (_SHARDS if report.site.with_shards else _TWINS_ALONE) + (
        _TWINS if report.site.open == "anywhere" else ""
    )
    files = _FILES.format(data=data.rstrip()) + (_STORY if with_story else "")
    heads = "\n".join(["## Heads by label", "", *_heads(report)])
    parts = [f"# {_line(report.title)}", summary, files, f"{_PYTHON}\n{fidelity}", _LINKS, heads]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _heads(report: Manifest) -> Iterator[str]:
    """What a model's heads do besides resting, the strongest of each label first, and which rest
    most."""
    for model in models_of(report):
        yield f"{_line(model.title)} (`model={model.name}`):"
        yield ""
        for label in model.labels:
            names = [
                f"{head.name} {head.value}" + f" ({head.rest})" * bool(head.rest)
                for head in label.heads
                if head.value
            ]
            more = len(names) - _STRONGEST
            rest = f" and {more:,} more" if more > 0 else ""
            what = f"{_line(label.title)} ({_line(label.description)})"
            if names:
                yield f"- {what}: {', '.join(names[:_STRONGEST])}{rest}"
            else:
                yield f"- {_line(label.title)}: {count_of(len(label.heads), 'head')}"
        yield ""


def _line(text: str) -> str:
    """A text in one line, so that none begins a part of its own."""
    return " ".join(text.split())
