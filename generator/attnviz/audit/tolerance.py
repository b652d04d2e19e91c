"""How far a figure may be from what stored attention gives, if that is as true as its certificate
says.

A certificate's total variation t is a mean over all N rows. A mean over n of them, of sums over
keys with weights between 0 and w, so changes by at most t · w · N / n. An entropy changes by at
most t log K + h(t), with h the entropy of a coin (Fannes 1973, Audenaert 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.heads.agreement import PREFIX
from attnviz.heads.awake import AWAKE
from attnviz.heads.sums import Count
from attnviz.score import Array

_NONE: Final = 1e-6
"""Between the captured attention that statistics are of and the eager one that certificates are
against; in total variation."""


@dataclass(frozen=True)
class Slack:
    """What is known of a layer's stored attention: the mean total variation of each head, (heads,);
    the rows that it is the mean over; the keys of the longest document; whether part of a row goes
    to a sink, whose share may then differ too."""

    variation: Array
    rows: float
    longest: int
    sink: bool

    def share(self, count: Count) -> Array:
        """Of a mean over so many rows of sums of attention over some keys, (heads,)."""
        with np.errstate(divide="ignore"):
            share: Array = (
                (1 + self.sink) * (self.variation + _NONE) * self.rows / np.asarray(count)
            )
        return share.clip(max=1.0)

    def entropy(self, share: Array) -> Array:
        """Of a mean of entropies in nats, (heads,), where the mean total variation is `share`."""
        half = share.clip(max=0.5)
        coin = -half * np.log(half) - (1 - half) * np.log1p(-half)
        bound: Array = share * np.log(max(2, self.longest)) + coin
        return bound


def awake_tolerance(name: str, slack: Slack, count: Count) -> Array:
    """The same of a statistic with sinks and special tokens left out, without its `awake_`: a mean
    weighted by what is left of rows, which `count` is the sum of. Parts and weights of such a mean
    change by at most the total variation each."""
    share = 2 * slack.share(count)
    reach = slack.longest - 1
    if name == "distance":
        return share * reach
    if name == "distance_deviation":
        deviation: Array = np.sqrt(2 * share) * reach
        return deviation
    if name in ("entropy", "entropy_deviation", "evenness"):
        # M H(b) is the entropy of the row whose rest counts as one key, less that of the two parts.
        rows = np.asarray(slack.rows / np.maximum(np.asarray(count), 1e-9))
        entropy = 2 * slack.entropy(slack.share(slack.rows)) * rows
        entropy = entropy + share * np.log(max(2, slack.longest))
        if name == "entropy_deviation":
            spread: Array = np.sqrt(2 * entropy * np.log(max(2, slack.longest)))
            return spread
        even: Array = entropy / np.log(2) if name == "evenness" else entropy
        return even
    if name == "keys90":
        tie = 1 / np.maximum(np.asarray(count), 1 / slack.longest)
        keys: Array = 11 * share * slack.longest + tie
        return keys
    if name == "positional":
        positional: Array = (20 * share + 1e-4).clip(max=1.0)
        return positional
    return 2 * share if name.startswith(PREFIX) else share


def tolerance(name: str, slack: Slack, count: Count, value: Array) -> Array:
    """How far a statistic of this name may be off, (heads,), whose values are these and which is a
    mean over so many rows."""
    if name.startswith(AWAKE):
        return awake_tolerance(name.removeprefix(AWAKE), slack, count)
    share, reach = slack.share(count), slack.longest - 1
    if name == "distance":
        return share * reach
    if name == "distance_deviation":
        # A variance within this reach changes by at most t · reach².
        variance = share * reach**2
        deviation: Array = np.minimum(variance / np.maximum(value, 1e-9), np.sqrt(variance))
        return deviation
    if name == "entropy":
        return slack.entropy(share)
    if name == "entropy_deviation":
        return slack.entropy(share)
    if name == "evenness":
        even: Array = slack.entropy(share) / np.log(2)
        return even
    if name == "keys90":
        # The keys beyond them share a tenth of the row, so their mean weight is 1 / 10 K at least.
        # A row whose tenth ends between two keys may count one more, however little it is off.
        keys: Array = 10 * share * slack.longest + 1 / np.maximum(np.asarray(count), 1)
        return keys
    if name == "patch_distance":
        return 2 * share * slack.longest
    if name.startswith(PREFIX):
        return 4 * share
    return share if name not in _RATIOS else 2 * share


_RATIOS: Final = ("same_row", "same_column", "neighbours")
