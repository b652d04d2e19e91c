"""Percentages as the page shows them, against the attention that they stand for."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator

from tests.browser.visit import plain

Values = NDArray[np.floating]


def parse(text: str) -> tuple[float, float]:
    """The bounds of the shares that are written so: "76.4 %" is 0.7635 … 0.7645."""
    number = plain(text).removesuffix("%").strip()
    if number.startswith("under"):
        return 0.0, float(number.removeprefix("under")) / 100
    digits = len(number.partition(".")[2])
    half = 0.5 * 10.0**-digits if number != "0" else 0
    return (float(number) - half) / 100, (float(number) + half) / 100


def is_share(text: str, value: float) -> bool:
    """Whether a text is a value to the digits that it shows."""
    low, high = parse(text)
    return low - 1e-6 <= value <= high + 1e-6


def check_list(partners: Locator, values: Values) -> None:
    """A list of partners has the ten strongest of `values`, strongest first, to the digits
    number."""
    items = partners.locator(".partner")
    tokens = [int(token) for token in items.evaluate_all("all => all.map(e => e.dataset.token)")]
    strongest = np.sort(values[values >= 2e-6])[::-1][:10]
    assert len(tokens) >= len(strongest)
    assert len(set(tokens)) == len(tokens) <= 10
    assert values[tokens][: len(strongest)] == pytest.approx(strongest, abs=1e-6)
    for token, share in zip(tokens, items.locator(".partner-share").all_inner_texts(), strict=True):
        assert is_share(share, values[token]), f"token {token}: {share!r} for {values[token]}"


def percent_in(text: str) -> str:
    """The percentage in a sentence."""
    percent = re.search(r"(under\s)?[\d.]+\s%", text)
    assert percent, text
    return percent.group()
