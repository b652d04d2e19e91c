"""The statistics of heads, in the order in which reports and tables have them.

To add one, write a group of its own beside these, and name it in TEXT_GROUPS where every head of
every report is to have it, else in GROUPS.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attnviz.heads.awake import Awake, awake_column
from attnviz.heads.carried import CarriedStatistics
from attnviz.heads.component_columns import COMPONENTS
from attnviz.heads.effect_columns import EFFECTS
from attnviz.heads.grid import GridStatistics
from attnviz.heads.positions import Distances, Locality
from attnviz.heads.series_columns import SERIES
from attnviz.heads.spread import LargestWeights, SinkShare, Spread
from attnviz.heads.statistic import StatisticColumn, StatisticGroup
from attnviz.heads.token_kinds import SameToken, TokenKinds
from attnviz.heads.vectors import VectorStatistics

TEXT_GROUPS: Final[Sequence[type[StatisticGroup]]] = (
    Spread,
    Distances,
    TokenKinds,
    SameToken,
    Locality,
    LargestWeights,
)
"""Those that every report has."""

GROUPS: Final[Sequence[type[StatisticGroup]]] = (
    *TEXT_GROUPS,
    SinkShare,
    VectorStatistics,
    CarriedStatistics,
    GridStatistics,
    Awake,
)

PROBES: Final = (
    StatisticColumn(
        "induction",
        "Induction, probe",
        "share",
        "On random tokens said twice: attention of the second time on the token after the first "
        "time.",
    ),
    StatisticColumn(
        "duplicate_probe",
        "Duplicates, probe",
        "share",
        "On random tokens said twice: attention of the second time on the first time.",
    ),
    StatisticColumn(
        "copying",
        "Copying",
        "",
        "On random tokens: whether what the head writes when it attends to a token raises that "
        "token's own logit above the other tokens', by the direct path; from −1 (below all) over 0 "
        "(chance) to 1 (above all).",
    ),
    StatisticColumn(
        "induction_control",
        "Induction, control",
        "share",
        "The same places as for induction, where the second time is in another order.",
    ),
    StatisticColumn(
        "duplicate_control",
        "Duplicates, control",
        "share",
        "The same places as for duplicates, where the second time is in another order.",
    ),
)
"""What is measured on texts of random tokens, and not on the corpus."""

AWAKE_PROBES: Final = tuple(awake_column(column) for column in PROBES if column.unit == "share")
"""The same with sinks and special tokens left out."""

NEEDLE: Final = (
    StatisticColumn(
        "retrieval",
        "Retrieval, probe",
        "share",
        "On long texts whose end says a key again, and then its value: attention, from each token "
        "before one of the value, on the token of the value that comes next, where the needle "
        "stands; mean over depths.",
    ),
    StatisticColumn(
        "retrieval_strongest",
        "Retrieval, strongest",
        "share",
        "On the same texts: for how many tokens of the value the largest attention is on the token "
        "of the needle that comes next; mean over depths.",
    ),
    StatisticColumn(
        "retrieval_control",
        "Retrieval, control",
        "share",
        "The same places as for retrieval, where the end says what stands nowhere before.",
    ),
)
"""What is measured on long texts, where the corpus asks for it."""

AWAKE_NEEDLE: Final = tuple(awake_column(column) for column in NEEDLE)
"""The same with sinks and special tokens left out."""

TEXT: Final = tuple(column for group in TEXT_GROUPS for column in group.COLUMNS)

SECTIONS: Final[dict[str, Sequence[StatisticColumn]]] = {
    "Where a head looks": TEXT,
    "Sinks": SinkShare.COLUMNS,
    "Besides resting": Awake.COLUMNS,
    "Queries and keys": VectorStatistics.COLUMNS,
    "What attention brings": CarriedStatistics.COLUMNS,
    "Probes": (*PROBES, *AWAKE_PROBES),
    "Retrieval": (*NEEDLE, *AWAKE_NEEDLE),
    "Effects": EFFECTS,
    "Why here": COMPONENTS,
    "From step to step": SERIES,
    "Pictures": GridStatistics.COLUMNS,
}
"""The statistics by the heading that they stand under in the reference."""

STATISTICS: Final = tuple(column for columns in SECTIONS.values() for column in columns)
"""All of them, but for those of the corpus's labels. A column that no head of a model has is left
out of its report."""
