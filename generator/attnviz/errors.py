"""Errors that the user can mend. Anything else that is raised is a bug and shows its trace."""

from __future__ import annotations

from collections.abc import Sequence


class InputError(Exception):
    """An input cannot be used: the message says what is wrong, where, and what to do.

    `problems` has every problem of one check, so that all are reported at once. The command line
    exits with code 2.

    >>> str(InputError("corpus.yaml:3: modles: unknown key; did you mean models?"))
    'corpus.yaml:3: modles: unknown key; did you mean models?'
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class ReportError(InputError):
    """A report cannot be read: it is damaged, of an unknown format version, or no report at all."""
