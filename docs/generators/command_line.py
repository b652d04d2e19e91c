"""What `--help` says of every command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from generators.markdown import NOTE


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
