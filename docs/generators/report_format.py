"""The report format as its declaration in attnviz.format says it: the manifest's JSON Schema, the
viewer's types and column checks, and the tables of the format's page."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generators.markdown import line

if TYPE_CHECKING:
    import pyarrow as pa

    from attnviz.format.columns import Table

PAGE: Final = Path(__file__).parents[1] / "reference" / "report-format.md"
WRITTEN: Final = "Written by docs/generate.py from generator/attnviz/format: change it there."
WIDTH: Final = 118

Schema = Mapping[str, Any]


# ---- the manifest


def manifest_schema() -> str:
    """The manifest's JSON Schema."""
    from attnviz.format.schema import manifest_schema

    return manifest_schema()


def _schema() -> dict[str, Any]:
    from attnviz.format.schema import manifest_parts

    return manifest_parts()


def manifest_types() -> str:
    """The manifest's parts as TypeScript has them."""
    schema = _schema()
    parts = [_interface("Manifest", schema)]
    parts += [_interface(name, part) for name, part in schema["$defs"].items()]
    head = f"/**\n * The manifest of a report. {WRITTEN}\n * Keys with ? may be absent.\n */"
    return "\n\n".join([head, *parts]) + "\n"


def _interface(name: str, part: Schema) -> str:
    lines = [*_comment(part["description"], ""), f"export interface {name} {{"]
    for key, field in part["properties"].items():
        lines += _comment(field["description"], "  ")
        optional = "" if key in part.get("required", ()) else "?"
        lines.append(f"  {key}{optional}: {_type(field)};")
    return "\n".join([*lines, "}"])


def _comment(text: str, indent: str) -> list[str]:
    text = " ".join(text.split())
    if len(indent) + len(text) + 7 <= WIDTH:
        return [f"{indent}/** {text} */"]
    rows = textwrap.wrap(text, WIDTH - len(indent) - 3)
    return [f"{indent}/**", *(f"{indent} * {row}" for row in rows), f"{indent} */"]


_TYPES: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def _type(field: Schema) -> str:
    """A JSON Schema as a TypeScript type."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "const" in field:
        return _literal(field["const"])
    if "enum" in field:
        return " | ".join(_literal(value) for value in field["enum"])
    if "anyOf" in field:
        return " | ".join(_type(kind) for kind in field["anyOf"])
    if "prefixItems" in field:
        return f"[{', '.join(_type(item) for item in field['prefixItems'])}]"
    if field["type"] == "array":
        item = _type(field["items"])
        return f"({item})[]" if " " in item else f"{item}[]"
    if field["type"] == "object":
        return f"Record<string, {_type(field['additionalProperties'])}>"
    return "null" if field["type"] == "null" else _TYPES[field["type"]]


def _literal(value: str | int) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def viewer_shapes() -> str:
    """What the viewer checks of the manifest."""
    from attnviz.format.shapes import parts

    lines = [
        "/**",
        " * The parts of the manifest, as they are checked.",
        f" * {WRITTEN}",
        " */",
        "",
        "/**",
        " * What a value is: `text`, `integer`, `number`, `flag`, `null` or a part by name; or",
        " * [word, …]: a `list` or `map` of something, a `tuple` of several, `any` of several, one",
        " * of some `values`.",
        " * @typedef {string | [string, ...unknown[]]} Kind",
        " */",
        "",
        "/** Keys with ? may be absent. @type {Record<string, Record<string, Kind>>} */",
        "export const PARTS = {",
    ]
    for name, part in parts().items():
        lines.append(f"  {name}: {{")
        for key, kind in part.items():
            lines.append(f"    {_literal(key) if '?' in key else key}: {_shape(kind)},")
        lines.append("  },")
    return "\n".join([*lines, "};"]) + "\n"


def _shape(kind: Any) -> str:
    """The kind of a key as JavaScript has it."""
    if isinstance(kind, list):
        return f"[{', '.join(map(_shape, kind))}]"
    return _literal(kind)


# ---- the shards


def viewer_columns() -> str:
    """What the viewer checks of every shard."""
    from attnviz.format.columns import (
        ENCODINGS,
        INDEX_KEYS,
        KEYS,
        KINDS,
        LABEL,
        LOGIT_MEANINGS,
        NAME,
        QUERIES,
        RANGE_KEYS,
        TEXT_KEYS,
    )
    from attnviz.format.index import DETAILS
    from attnviz.format.manifest import FORMAT, FORMAT_VERSION, FORMAT_VERSIONS, SHARD_VERSION
    from attnviz.format.records import DIGITS, WORDS
    from attnviz.logit_codes import UNKNOWN

    records = [kind for kind, table in KINDS.items() if table.part]
    constants = {
        "FORMAT": _literal(FORMAT),
        "FORMAT_VERSION": FORMAT_VERSION,
        "FORMAT_VERSIONS": _literals(map(str, FORMAT_VERSIONS)).replace("'", ""),
        "SHARD_VERSION": SHARD_VERSION,
        "NAME": _literal(NAME),
        "LABEL": _literal(LABEL),
        "QUERIES": QUERIES,
        "KEYS": KEYS,
        "DIGITS": DIGITS,
        "WORDS": _literal(WORDS),
        "RECORDS": _literals(records),
        "DETAILS": _literals(DETAILS),
        "LOGIT_PARTS": _literals(LOGIT_MEANINGS),
        "UNKNOWN_LOGIT": UNKNOWN,
        "TEXT_KEYS": _literals(TEXT_KEYS),
        "INDEX_KEYS": _literals(INDEX_KEYS),
        "RANGE_KEYS": _literals(RANGE_KEYS),
    }
    return "\n".join([
        f"/** The columns of each kind of shard. {WRITTEN} */",
        "",
        *(f"export const {name} = {value};" for name, value in constants.items()),
        "",
        "/** Of attention, by encoding. @type {Record<string, Record<string, string>>} */",
        *_tables("ENCODINGS", ENCODINGS),
        "",
        "/** Of every other kind. @type {Record<string, Record<string, string>>} */",
        *_tables("KINDS", KINDS),
        "",
        "/** Columns that may be null. */",
        f"export const NULLABLE = {_literals(_nullable())};",
        "",
    ])  # fmt: skip


def _literals(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_literal, texts))}]"


def _nullable() -> list[str]:
    """The names of columns that may be null; columns of labels may, too."""
    from attnviz.format.columns import ENCODINGS, KINDS

    tables = (*ENCODINGS.values(), *KINDS.values())
    names = [c.name for table in tables for c in table.columns if c.nullable]
    assert not [
        c.name for table in tables for c in table.columns if c.name in names and not c.nullable
    ]
    return list(dict.fromkeys(names))


def _tables(name: str, tables: Mapping[str, Table]) -> Iterator[str]:
    yield f"export const {name} = {{"
    for kind, table in tables.items():
        yield f"  {kind if kind.isidentifier() else _literal(kind)}: {{"
        required = [column for column in table.columns if not column.optional]
        yield from (f"    {c.name}: '{_type_name(c.type)}'," for c in required)
        yield "  },"
    yield "};"


def _type_name(kind: pa.DataType) -> str:
    """Arrow's own words for a type: "uint16", "list<float64>"."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return f"list<{_type_name(kind.value_type)}>"
    names = {pa.float32(): "float32", pa.float64(): "float64", pa.utf8(): "utf8"}
    return str(names.get(kind, kind))


# ---- the words


def viewer_words() -> str:
    """What the viewer and the heads' pages say alike, for the viewer."""
    from attnviz.format.words import WORDS

    note = "Written by docs/generate.py from generator/attnviz/format/words.json: change it there."
    lines = ["/**", " * What the viewer and the heads' pages say alike, with figures in braces."]
    lines += [f" * {note}", " */", "export const WORDS = {"]
    for group, sentences in WORDS.items():
        lines.append(f"  {group}: {{")
        for name, sentence in sentences.items():
            key = name if name.isidentifier() else _literal(name)
            lines += _pieces(f"    {key}: ", sentence)
        lines.append("  },")
    return "\n".join([*lines, "};", ""])


def _pieces(start: str, sentence: str) -> list[str]:
    """A property with its text, in pieces where it is long for a line."""
    pieces = textwrap.wrap(sentence, WIDTH - len(start) - 4, drop_whitespace=False)
    literals = [_literal(piece) for piece in pieces]
    rest = [f"      + {literal}" for literal in literals[1:]]
    lines = [f"{start}{literals[0]}", *rest]
    return [*lines[:-1], f"{lines[-1]},"]


# ---- the page


def report_format() -> str:
    """The page as it stands, with its tables as the declaration has them."""

    def table(match: re.Match[str]) -> str:
        kind, *names = match[1].split()
        rows = _shard_table(names) if kind == "shard" else _part_tables(names)
        return "\n".join([match[0].splitlines()[0], "", *rows, "", "<!-- end -->"])

    return re.sub(
        r"<!-- (shard .+?|parts .+?) -->\n.*?<!-- end -->",
        table,
        PAGE.read_text("utf-8"),
        flags=re.DOTALL,
    )


def _part_tables(names: Sequence[str]) -> list[str]:
    """For each part of the manifest its meaning and its keys."""
    schema = _schema()
    rows: list[str] = []
    for name in names:
        part = schema if name == "Manifest" else schema["$defs"][name]
        rows += ["", f"#### {name}", "", *part["description"].splitlines(), ""]
        rows += ["| key | value | |", "|---|---|---|"]
        for key, field in part["properties"].items():
            kind = _words(field) + ("" if key in part.get("required", ()) else ", or absent")
            rows.append(f"| `{key}` | {kind} | {line(field['description'])} |")
    return rows[1:]


_WORDS: Final = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}


def _words(field: Schema) -> str:
    """A JSON Schema in words."""
    if "$ref" in field:
        name = _type(field)
        return f"[{name}](#{name.lower()})"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_words(kind) for kind in field["anyOf"])
    if "prefixItems" in field:
        return f"[{', '.join(_words(item) for item in field['prefixItems'])}]"
    if field["type"] == "array":
        return f"list of {_words(field['items'])}"
    if field["type"] == "object":
        return f"{{text: {_words(field['additionalProperties'])}}}"
    return _WORDS[field["type"]]


def _keys_of_heads(kind: str) -> Sequence[str]:
    from attnviz.format.index import DETAILS, MAIN

    return MAIN if kind == "heads" else DETAILS


def _shard_table(names: Sequence[str]) -> list[str]:
    """The columns of a kind of shard, or of encodings that differ in the type of their codes."""
    from attnviz.format.columns import ENCODINGS, KINDS

    tables = [(KINDS | ENCODINGS)[name] for name in names]
    keys = ", ".join(f"`{key}`" for key in tables[0].keys)
    entry = f" Manifest entry: {keys}." if keys else ""
    rows = [f"Rows: {tables[0].row}.{entry}"]
    if part := tables[0].part:
        keys = ", ".join(f"`{key}`" for key in _keys_of_heads(names[0]))
        return [*rows, "", f"Keys of a [{part}](#{part.lower()}): {keys}."]
    rows += [
        "",
        "| column | type | |",
        "|---|---|---|",
    ]
    for columns in zip(*(table.columns for table in tables), strict=True):
        types = " or ".join(dict.fromkeys(_type_name(column.type) for column in columns))
        kind = types.replace("<", "&lt;").replace(">", "&gt;") + " or null" * columns[0].nullable
        kind += ", or absent" * columns[0].optional
        rows.append(f"| `{columns[0].name}` | {kind} | {columns[0].meaning} |")
    return rows
