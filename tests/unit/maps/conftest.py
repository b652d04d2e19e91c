"""Maps are made on one thread, here as in a build."""

import pytest

from attnviz.engine.threads import one_thread


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield
