"""A forecast in words."""

from __future__ import annotations

from attnviz.forecast.corpus import Forecast
from attnviz.site.wording import size_in_words


def lines_of(answer: Forecast) -> list[str]:
    """The forecast in lines for people."""
    lines = [f"a build of {answer.corpus} takes about", ""]
    for model in answer.models:
        kept = "" if model.kept == model.documents else f", the attention of {model.kept:,} stored"
        lines.append(
            f"{model.model}: {model.documents:,} documents{kept}, {model.tokens:,} tokens,"
            f" {model.heads:,} heads"
        )
        stages = sorted(model.seconds.items(), key=lambda item: -item[1])[:3]
        named = ", ".join(f"{name} {_time(seconds)}" for name, seconds in stages)
        parts = {"attention": model.attention, "maps": model.maps, "the rest": model.other}
        sizes = ", ".join(f"{name} {size_in_words(size)}" for name, size in parts.items())
        lines.append(f"  {sizes}; of its time {named}")
    lines += [
        "",
        f"data    {size_in_words(answer.data)}",
        f"report  {size_in_words(answer.report)}, the whole folder",
        f"cache   {size_in_words(answer.cache)}",
        f"memory  {size_in_words(answer.memory)} at most",
        f"time    {_time(answer.seconds)} of one processor",
        "",
        *(f"not counted: {what}" for what in answer.uncounted),
    ]
    return [*lines, "bytes are within a fifth or so, memory and time within a factor of two"]


def _time(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 180 else f"{seconds:.0f} s"
