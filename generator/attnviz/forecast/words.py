"""A forecast in words."""

from __future__ import annotations

from attnviz.forecast.corpus import Forecast


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
        lines.append(
            f"  attention {_bytes(model.attention)}, maps {_bytes(model.maps)}, the rest"
            f" {_bytes(model.other)}; of its time {named}"
        )
    lines += [
        "",
        f"data    {_bytes(answer.data)}",
        f"report  {_bytes(answer.report)}, with pages, viewer and twins",
        f"cache   {_bytes(answer.cache)}",
        f"memory  {_bytes(answer.memory)} at most",
        f"time    {_time(answer.seconds)} of one processor",
        "",
        *(f"not counted: {what}" for what in answer.uncounted),
    ]
    return [*lines, "bytes are within a fifth or so, memory and time within a factor of two"]


def _bytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _time(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 180 else f"{seconds:.0f} s"
