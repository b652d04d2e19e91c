"""The statistics of heads: their names, titles, units, and what they mean for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class StatisticColumn:
    """A column of every head's statistics, with what it means for people."""

    name: str
    title: str
    unit: str
    description: str


TEXT: Final = (
    StatisticColumn(
        "entropy",
        "Entropy",
        "nats",
        "How spread a row is: −Σ a log a, averaged over rows. 0 is one key; log K is K keys alike.",
    ),
    StatisticColumn(
        "entropy_deviation",
        "Entropy, deviation",
        "nats",
        "Standard deviation of the entropy over rows.",
    ),
    StatisticColumn(
        "evenness",
        "Evenness",
        "share",
        "Entropy over its largest value, log K, averaged over rows that may see K > 1 keys. 1 is "
        "all keys alike.",
    ),
    StatisticColumn(
        "distance",
        "Mean distance",
        "tokens",
        "How far a row looks: Σ a |i − j| in tokens, averaged over rows.",
    ),
    StatisticColumn(
        "distance_deviation",
        "Distance, deviation",
        "tokens",
        "Standard deviation of |i − j| over all attention.",
    ),
    StatisticColumn(
        "previous",
        "Previous token",
        "share",
        "Attention on the token before: mean over rows that may see it.",
    ),
    StatisticColumn(
        "next",
        "Next token",
        "share",
        "Attention on the token after: mean over rows that may see it.",
    ),
    StatisticColumn(
        "self",
        "Same position",
        "share",
        "Attention on the token itself: mean over rows that may see it.",
    ),
    StatisticColumn(
        "first",
        "First token",
        "share",
        "Attention on the first token: mean over later rows that may see it.",
    ),
    StatisticColumn(
        "separator",
        "Separators",
        "share",
        "Attention on separator tokens such as [SEP], averaged over rows that may see one.",
    ),
    StatisticColumn(
        "punctuation",
        "Punctuation",
        "share",
        "Attention on punctuation, averaged over rows that may see some.",
    ),
    StatisticColumn(
        "same_token",
        "Same token",
        "share",
        "Attention on tokens of the query's own id, itself included, averaged over rows that may "
        "see itself.",
    ),
    StatisticColumn(
        "duplicate",
        "Duplicates",
        "share",
        "Attention on other tokens of the query's own id, averaged over rows that may see one.",
    ),
    StatisticColumn(
        "near", "Nearby", "share", "Attention on tokens at most 3 places away, averaged over rows."
    ),
    StatisticColumn(
        "positional",
        "Positional",
        "share",
        "How much of attention follows from relative position alone: the share of its variance "
        "around equal attention "
        "that the mean attention at each offset j − i explains, over rows that may see at least "
        "8 keys.",
    ),
    StatisticColumn(
        "top", "Largest weight", "share", "The largest attention of a row, averaged over rows."
    ),
    StatisticColumn(
        "keys90",
        "Keys for 90 %",
        "keys",
        "How few keys hold 90 % of a row's attention, averaged over rows.",
    ),
)

SINK: Final = StatisticColumn(
    "sink", "Sink", "share", "Attention that goes to the head's learned sink, averaged over rows."
)

VECTORS: Final = (
    StatisticColumn(
        "query_norm", "Query length", "", "Length of query vectors, averaged over tokens."
    ),
    StatisticColumn("key_norm", "Key length", "", "Length of key vectors, averaged over tokens."),
    StatisticColumn(
        "effective_rank",
        "Effective rank",
        "dimensions",
        "How many dimensions scores use: the exponential of the entropy of the singular values "
        "of Q Kᵀ over the whole "
        "corpus, keys around their mean (Roy & Vetterli 2007).",
    ),
)

VALUES: Final = (
    StatisticColumn(
        "value_norm", "Value length", "", "Length of value vectors, averaged over tokens."
    ),
    StatisticColumn(
        "first_value",
        "First token, by value",
        "share",
        "The first token's share of what a row brings, a‖v‖ (Kobayashi et al. 2020): mean over "
        "later rows.",
    ),
    StatisticColumn(
        "separator_value",
        "Separators, by value",
        "share",
        "Separators' share of what a row brings, a‖v‖: mean over rows that may see one.",
    ),
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
        "token's own logit above "
        "the other tokens', by the direct path; from −1 (below all) over 0 (chance) to 1 (above "
        "all).",
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

IMAGE: Final = (
    StatisticColumn(
        "patch_distance",
        "Patch distance",
        "patches",
        "How far a patch looks: Σ a × the distance of two patches in the grid, over attention "
        "between patches.",
    ),
    StatisticColumn(
        "same_row",
        "Same row",
        "share",
        "Of attention between patches, that within a row of the grid.",
    ),
    StatisticColumn(
        "same_column", "Same column", "share", "Of attention between patches, that within a column."
    ),
    StatisticColumn(
        "neighbours",
        "Neighbours",
        "share",
        "Of attention between patches, that on the 8 around, or itself.",
    ),
    StatisticColumn(
        "unplaced",
        "Class and register tokens",
        "share",
        "Attention of patches on tokens that are no patch, averaged over patches.",
    ),
)

STATISTICS: Final = (*TEXT, SINK, *VECTORS, *VALUES, *PROBES, *IMAGE)
"""All of them, but for those of the corpus's labels. A column that no head of a model has is left
out of its report."""
