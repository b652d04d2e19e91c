"""The columns of what the scores of heads are made of."""

from __future__ import annotations

from typing import Final

from attnviz.heads.statistic import StatisticColumn

COMPONENTS: Final = (
    StatisticColumn(
        "first_component",
        "First component",
        "share",
        "How much of the variance of what pairs of a query and a key add to scores the strongest "
        "component carries, over pairs drawn independently.",
    ),
    StatisticColumn(
        "components_variation",
        "Off with components alone",
        "share",
        "How far attention is off when its scores have the components that are kept, and nothing "
        "of the others: total variation, mean over the rows of documents whose attention is "
        "stored.",
    ),
)
"""What is measured where the corpus asks for components, and not by attention."""
