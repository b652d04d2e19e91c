"""Which sources of attnviz a module can reach, read from its imports without running anything.

A name that a package's `__init__` only passes on leads to the module that defines it, so that a
package's face does not bring along all that stands behind it; the text of that `__init__` counts,
since it says where the name leads. Imports inside functions and for type checking count like any
others.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]

_WORD: Final = re.compile(rb"\bimport\b")
_IMPORT_LINE: Final = re.compile(
    rb"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^()]*\)|[^\n(;\\]+)"
    rb"|import[ \t]+[^\n;\\]+)$",
    re.MULTILINE,
)
"""A statement that begins its line and ends one, in parentheses over several."""
_TRIPLE_QUOTES: Final = re.compile(rb"\"{3}|'{3}")


@dataclass(frozen=True)
class Import:
    """`from module import name`, or `import module` if there is no name; `bound` is what it is
    called where it is imported."""

    module: str
    name: str | None
    bound: str


@dataclass(frozen=True)
class Reach:
    """What a module can reach: attnviz's modules by their dotted names, and others' packages by the
    names they are imported by, the standard library left out."""

    modules: frozenset[str]
    packages: frozenset[str]


class Sources:
    """The modules of one package, in `folder`; `name` is the package's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.files = {_dotted(file, folder, name): file for file in folder.rglob("*.py")}
        self._texts: dict[str, bytes] = {}

    def text(self, module: str) -> bytes:
        """A module's source."""
        if module not in self._texts:
            self._texts[module] = self.files[module].read_bytes()
        return self._texts[module]

    @functools.cache  # noqa: B019 (as many as there are graphs: one a process)
    def reach(self, module: str) -> Reach:
        """All that a module can reach, itself included."""
        modules, faces, packages = {module}, set(), set()
        waiting = [module]
        while waiting:
            for statement in self._imports(waiting.pop()):
                top = statement.module.split(".")[0]
                if top != self.name:
                    packages.add(top)
                    continue
                target, passed = self._target(statement)
                faces |= passed
                if target not in modules:
                    modules.add(target)
                    waiting.append(target)
        outside = frozenset(packages - sys.stdlib_module_names)
        return Reach(frozenset(modules | faces), outside)

    @functools.cache  # noqa: B019
    def digest(self, module: str) -> str:
        """SHA-256 of all sources that a module can reach, with their names."""
        digest = hashlib.sha256()
        for name in sorted(self.reach(module).modules):
            digest.update(f"{name}\n".encode())
            digest.update(hashlib.sha256(self.text(name)).digest())
        return digest.hexdigest()

    def _target(self, statement: Import) -> tuple[str, set[str]]:
        """The module that an import leads to, and the packages whose faces only pass it on."""
        module, name = statement.module, statement.name
        passed: set[str] = set()
        while name is not None and self._is_package(module):
            onward = self._passed_on(module, name)
            if onward is not None and onward.module.split(".")[0] == self.name:
                passed.add(module)
                module, name = onward.module, onward.name
            elif onward is None and f"{module}.{name}" in self.files:
                module, name = f"{module}.{name}", None
            else:
                break
        return module, passed

    def _passed_on(self, package: str, name: str) -> Import | None:
        """The import by which a package's face has a name; None where it has it in another way."""
        for statement in self._imports(package):
            if statement.bound == name and statement.name != "*":
                return statement
        return None

    def _is_package(self, module: str) -> bool:
        return module in self.files and self.files[module].name == "__init__.py"

    def _imports(self, module: str) -> tuple[Import, ...]:
        """Every import statement of a module, its own package's names made absolute."""
        if module not in self.files:
            return ()
        inside = module if self._is_package(module) else module.rpartition(".")[0]
        return _statements(self.text(module), inside)


@functools.cache
def _statements(text: bytes, inside: str) -> tuple[Import, ...]:
    """The import statements of a source in the package `inside`."""
    statements = []
    for node in ast.walk(ast.parse(_import_lines(text))):
        if isinstance(node, ast.Import):
            for name in node.names:
                bound = name.asname or name.name.split(".")[0]
                statements.append(Import(name.name, None, bound))
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node.module or "", node.level, inside)
            statements += [Import(base, n.name, n.asname or n.name) for n in node.names]
    return tuple(statements)


def _import_lines(text: bytes) -> bytes:
    """The import statements alone, which take a fifth of the time to parse, if the source has the
    word nowhere but in lines that can be nothing else; the whole source if it has."""
    in_texts = b"".join(_TRIPLE_QUOTES.split(text)[1::2])
    if _WORD.search(_IMPORT_LINE.sub(b"", text)) or _WORD.search(in_texts):
        return text
    return b"\n".join(line.group().strip() for line in _IMPORT_LINE.finditer(text))


def _absolute(module: str, level: int, inside: str) -> str:
    """A module that is named relative to a package, by its full name."""
    if not level:
        return module
    parents = inside.split(".")[: len(inside.split(".")) - level + 1]
    return ".".join([*parents, module] if module else parents)


def _dotted(file: Path, folder: Path, name: str) -> str:
    parts = file.relative_to(folder).with_suffix("").parts
    return ".".join((name, *(parts[:-1] if parts[-1] == "__init__" else parts)))


@functools.cache
def own_sources() -> Sources:
    """attnviz's own sources, as they were when this process first asked."""
    return Sources(_PACKAGE, _PACKAGE.name)
