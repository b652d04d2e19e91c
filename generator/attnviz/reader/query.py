"""A small language to ask a report's tables with: `heads where induction > 0.5 and layer >= 4 by
entropy desc limit 10`.

    QUERY      = TABLE [where CONDITION] [by COLUMN [desc]] [limit NUMBER]
    CONDITION  = TERM {or TERM};  TERM = FACTOR {and FACTOR}
    FACTOR     = not FACTOR | ( CONDITION ) | COLUMN OPERATOR VALUE
    OPERATOR   = = | != | < | <= | > | >= | has

`has` asks of a list whether it has a value, and of a text whether it holds one, in any case. A row
whose column has no value meets no comparison.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from attnviz.errors import InputError

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<operator><=|>=|!=|=|<|>|\(|\))|(?P<word>[^\W\d][\w.-]*|`[^`]+`))"""
)
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_EXAMPLE: Final = "heads where induction > 0.5 by entropy limit 10"


def run_query(text: str, tables: dict[str, Callable[[], pa.Table]]) -> pa.Table:
    """The rows of the table that the query names, as it asks for them; `tables` are made when they
    are asked for. Raises InputError that shows where the query is not understood."""
    return _Query(text, tables).run()


class _Query:
    """A query while it is read, token by token."""

    def __init__(self, text: str, tables: dict[str, Callable[[], pa.Table]]) -> None:
        self.text, self.tables = text, tables
        self.tokens = list(self._split())
        self.at = 0

    def _split(self) -> Sequence[tuple[str, str]]:
        tokens, place = [], 0
        while self.text[place:].strip():
            match = _TOKEN.match(self.text, place)
            if match is None or match.lastgroup is None:
                self._refuse(self.text[place:].strip(), "a column, a value or an operator")
            tokens.append((match.lastgroup, match[match.lastgroup]))
            place = match.end()
        return tokens

    def run(self) -> pa.Table:
        name = self._take(("word",), "heads or documents")
        if name not in self.tables:
            self._refuse(name, " or ".join(self.tables))
        table = self.tables[name]()
        if self._skip("where"):
            table = table.filter(pc.fill_null(self._condition(table), False))
        if self._skip("by"):
            column = self._column(table)
            order = "descending" if self._skip("desc") else "ascending"
            table = table.sort_by([(column, order)])
        if self._skip("limit"):
            table = table.slice(0, int(float(self._take(("number",), "a number of rows"))))
        if self.at < len(self.tokens):
            self._refuse(self.tokens[self.at][1], "where, and, or, by, limit or the end")
        return table

    def _condition(self, table: pa.Table) -> Any:
        mask = self._term(table)
        while self._skip("or"):
            mask = pc.or_kleene(mask, self._term(table))
        return mask

    def _term(self, table: pa.Table) -> Any:
        mask = self._factor(table)
        while self._skip("and"):
            mask = pc.and_kleene(mask, self._factor(table))
        return mask

    def _factor(self, table: pa.Table) -> Any:
        if self._skip("not"):
            return pc.invert(self._factor(table))
        if self._skip("("):
            mask = self._condition(table)
            if not self._skip(")"):
                self._refuse(self._next(), ")")
            return mask
        column = self._column(table)
        return self._compared(column, table[column])

    def _compared(self, name: str, column: Any) -> Any:
        operator = self._take(("operator", "word"), "=, !=, <, <=, >, >= or has")
        if operator not in (*_COMPARISONS, "has"):
            self._refuse(operator, "=, !=, <, <=, >, >= or has")
        kind, value = self._value()
        if operator == "has":
            return _has(column, value)
        numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        if pa.types.is_list(column.type) or numeric != (kind == "number"):
            wanted = "a number" if numeric else "a text in quotes"
            wanted = "has" if pa.types.is_list(column.type) else wanted
            self._refuse(value, f"{wanted}: {name} is {_in_words(column.type)}")
        if numeric:
            return _COMPARISONS[operator](pc.cast(column, pa.float64()), float(value))
        return _COMPARISONS[operator](column, value)

    def _value(self) -> tuple[str, str]:
        value = self._take(("number", "text", "word"), "a number, or a text in quotes")
        kind = self.tokens[self.at - 1][0]
        return kind, value.strip("\"'") if kind == "text" else value

    def _column(self, table: pa.Table) -> str:
        name = self._take(("word",), "a column").strip("`")
        if name not in table.column_names:
            near = difflib.get_close_matches(name, table.column_names, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self._refuse(name, f"a column: {', '.join(table.column_names)}{hint}")
        return name

    def _next(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else "its end"

    def _take(self, kinds: Sequence[str], expected: str) -> str:
        if self.at == len(self.tokens) or self.tokens[self.at][0] not in kinds:
            self._refuse(self._next(), expected)
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _skip(self, word: str) -> bool:
        matches = self.at < len(self.tokens) and self.tokens[self.at][1].lower() == word
        self.at += matches
        return matches

    def _refuse(self, place: str, expected: str) -> NoReturn:
        raise InputError(
            f"query “{self.text}”: at {place}: expected {expected} (such as {_EXAMPLE})"
        )


def _has(column: Any, value: str) -> pa.Array:
    """Whether each list has a value, or each text holds it."""
    wanted = value.casefold()
    rows = (
        None
        if row is None
        else wanted
        in (
            [str(each).casefold() for each in row] if isinstance(row, list) else str(row).casefold()
        )
        for row in column.to_pylist()
    )
    return pa.array(list(rows), pa.bool_())


def _in_words(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return "a list"
    return "a text" if pa.types.is_string(kind) else "a number"
