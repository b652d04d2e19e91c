"""What `--help` says of every command, as definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from generators.markdown import NOTE, code, definition


def cli() -> str:
    """Every command: how it is called, what it does, what it takes."""
    from attnviz.cli import app

    lines = [NOTE, "", "# Command line", ""]
    lines += _command(typer.main.get_command(app), "attnviz", None)
    return "\n".join(lines).rstrip() + "\n"


def _command(command: Any, name: str, parent: Any) -> Iterator[str]:
    """A command, then its subcommands."""
    command.rich_markup_mode = None
    context = command.context_class(
        command, info_name=name.split()[-1], parent=parent, terminal_width=1000
    )
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield from (f"## {name} {{#{name.replace(' ', '-')}}}", "", *code(usage, "text"))
    yield from (command.help or "", "")
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    for called, help_text in (record for record in records if record):
        yield from _parameter(name, called, help_text)
    if command.epilog:
        examples = command.epilog.partition("  ")[2].split("·")
        yield from ("In use:", "")
        yield from code("\n".join(example.strip() for example in examples), "sh")
    for child in getattr(command, "commands", {}).values():
        if not child.hidden:
            yield from _command(child, f"{name} {child.name}", context)


def _parameter(command: str, called: str, help_text: str) -> list[str]:
    """An option or argument. What stands in brackets at the end of its help is its kind."""
    meaning, _, kind = help_text.partition("  [")
    # An argument's kind stands behind its name, such as `model <str>`.
    name = re.sub(r" <\w+>$", "", called)
    anchor = f"{command}-{re.split('[ ,]', name.strip('-[]'))[0]}".replace(" ", "-")
    return definition(name, kind.rstrip("]").replace("<", "&lt;"), meaning, anchor=anchor.lower())
