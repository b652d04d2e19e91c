"""The one class of error that is the user's to mend. Anything else that is raised is a bug and
shows its trace."""

from __future__ import annotations

from collections.abc import Sequence


class InputError(Exception):
    """What the user gave cannot be used: what is wrong, where, and what to do. The command line
    exits with code 2.

    Several problems found together are reported together.

    >>> str(InputError("corpus.yaml:3: modles: unknown key; did you mean models?"))
    'corpus.yaml:3: modles: unknown key; did you mean models?'
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class ReportError(InputError):
    """A report cannot be read: not a report, of an unknown format version, or damaged."""
