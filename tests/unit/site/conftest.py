"""The pages of a small report, parsed."""

import pytest

from tests.unit.site.page import render


@pytest.fixture(scope="module")
def pages():
    return render()


@pytest.fixture(scope="module")
def published():
    return render(url="https://example.org/a b/")
