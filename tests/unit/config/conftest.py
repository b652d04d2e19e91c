"""The smallest corpus.yaml, and ways to write one and to see what is wrong with it."""

import pytest

from attnviz.config import load_config
from attnviz.errors import InputError

SMALLEST = """\
models:
  - source: bert-base-uncased
documents:
  - text: [The cat sat.]
"""


@pytest.fixture
def corpus(tmp_path):
    """Writes a corpus.yaml and gives its path."""

    def write(text, name="corpus.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def problems(corpus):
    """The problems of a corpus.yaml, without its folder."""

    def collect(text, overrides=None):
        path = corpus(text)
        with pytest.raises(InputError) as caught:
            load_config(path, overrides or {})
        return [problem.replace(f"{path.parent}/", "") for problem in caught.value.problems]

    return collect


def with_line(line):
    """The smallest corpus and one line more, which stands at line 5."""
    return SMALLEST + line + "\n"
