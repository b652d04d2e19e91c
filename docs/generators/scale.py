"""What a build of a billion tokens would take: sizes times the rates that `attnviz probe` uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from generators.markdown import NOTE

TOKENS: Final = 1_000_000_000
DOCUMENT: Final = 256
"""Tokens of a document."""
WORKERS: Final = (32, 1_000)


@dataclass(frozen=True)
class Shape:
    """What of a model a build goes by; `heads` and `kv_heads` are of a layer."""

    name: str
    parameters: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int


MODELS: Final = (
    Shape("all-MiniLM-L6-v2", 22_713_216, 6, 12, 12, 32),
    Shape("8 billion parameters, 32 layers × 32 heads", 8_000_000_000, 32, 32, 8, 128),
)


def billion_tokens() -> str:
    """The page."""
    from attnviz.capture.batches import usual_tokens
    from attnviz.config.options import MapOptions

    batch = usual_tokens(TOKENS, MOST)
    options = MapOptions()
    lines = [NOTE, "", "# A billion tokens", "", *INTRODUCTION, ""]
    lines += ["| | " + " | ".join(model.name for model in MODELS) + " |", "|---|--:|--:|"]
    counts = [jobs(-(-TOKENS // batch), model.layers, len(options.methods)) for model in MODELS]
    lines += _rows({
        "heads": [f"{model.layers * model.heads:,}" for model in MODELS],
        "jobs": [f"{sum(each.values()):,}" for each in counts],
        "what is captured, in the cache": [_size(captured_bytes(model)) for model in MODELS],
        "the report": [_size(report_bytes(model)) for model in MODELS],
    })  # fmt: skip
    seconds = [stages(model, options) for model in MODELS]
    lines += ["", "Hours of one processor, by stage:", ""]
    lines += ["| | " + " | ".join(model.name for model in MODELS) + " |", "|---|--:|--:|"]
    lines += _rows({stage: [_hours(each[stage]) for each in seconds] for stage in seconds[0]})
    totals = [sum(each.values()) for each in seconds]
    lines += _rows({"**together**": [f"**{_hours(total)}**" for total in totals]})
    for count in WORKERS:
        name = f"with {count:,} workers of one processor"
        lines += _rows({name: [_hours(total / count) for total in totals]})
    return "\n".join([*lines, "", *REMARKS]).rstrip() + "\n"


def jobs(batches: int, layers: int, methods: int, tries: int = 2) -> dict[str, int]:
    """How many jobs a build of texts has by default, by what there is one of each for; encodings
    are tried so often, the second time at the steps that the errors of the first foretell."""
    return {"batch": (6 + tries) * batches, "layer": (5 + methods) * layers, "model": 8}


def captured_bytes(model: Shape) -> int:
    """Queries and keys of all tokens, in float32."""
    return TOKENS * model.layers * 4 * model.head_size * (model.heads + model.kv_heads)


def report_bytes(model: Shape) -> int:
    """Attention up to the budget, tokens with their texts and lengths of values, head pages."""
    from attnviz.forecast.sizes import ENTRY, PAGE, TOKEN, VIEWER
    from attnviz.writer.kept_documents import BUDGET

    values = TOKENS * model.layers * model.kv_heads
    pages = model.layers * model.heads * (PAGE + ENTRY) + VIEWER
    return BUDGET + TOKENS * (TOKEN + LETTERS) + values + pages


def stages(model: Shape, options: Any) -> Mapping[str, float]:
    """Processor seconds of each stage."""
    from types import SimpleNamespace

    from attnviz.forecast.rates import Work, stage_seconds

    heads = model.layers * model.heads
    work = Work(model.parameters, heads, TOKENS, options.points, heads * TOKENS * DOCUMENT)
    return stage_seconds(work, cast(Any, SimpleNamespace(maps=options)))


def _rows(rows: Mapping[str, list[str]]) -> list[str]:
    return [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"


def _size(size: float) -> str:
    unit, name = next((u, n) for u, n in ((1e12, "TB"), (1e9, "GB"), (1, "bytes")) if size >= u)
    return f"{size / unit:,.0f} {name}" if size >= 10 * unit else f"{size / unit:.1f} {name}"


MOST: Final = 8192
"""`batch_tokens`, as the corpus has it by default."""
LETTERS: Final = 4
"""Bytes of text of a token, about."""

INTRODUCTION: Final = f"""\
What a build of 1,000,000,000 tokens in documents of {DOCUMENT} would take, with default options:
the sizes of such a corpus, times the rates of [`attnviz probe`](../how-to/probe.md), which were
measured on the quickstart ([how](../decisions/build.md#what-a-build-takes-said-before)). Nothing of
this size has been built. Hours are of one processor of the machine that the rates were measured on,
the model's passes too: no rate of a GPU is among them.
""".splitlines()

REMARKS: Final = """\
**Jobs.** Seven for each batch (its capture, the sizes and codes of its attention, their errors, its
certificates, its statistics, its part in comparing heads), a few for each layer, eight for the
model. A job whose inputs are small costs the command 0.75 ms of a processor, measured on 400 of
them: under an hour for as many as these. A worker that is lost loses the one that it was at
([how to build on several machines](../how-to/cluster.md)).

**What it comes to.** The work on batches divides among as many workers as there are batches. Maps
divide among layers alone, but they are of a sample of points, whatever the corpus's size. What
stands against such a build is the cache first: every query and key in float32, of which the report
keeps little. Of a large model it is the passes, too, which belong on GPUs. And the report names
every token, whose attention it mostly does not store.

**What to do instead.** Statistics are means, whose standard errors fall with the root of the rows:
of a hundredth of the corpus they are ten times as large as of all. `sample: 40000` of a source's
rows draws ten million tokens of such documents, evenly and by the seed
([files of any size](../how-to/documents.md#data-sets-of-the-hub-and-files-of-any-size));
everything above is then a hundredth, but for the maps and pages. Take more where a finding needs
it: a corpus that has grown costs its new batches, not all of it.
""".splitlines()
