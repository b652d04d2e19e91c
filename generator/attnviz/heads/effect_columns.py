"""The columns of heads' effects."""

from __future__ import annotations

from typing import Final

from attnviz.heads.statistic import StatisticColumn

CONTROL: Final = "_control"
"""What the name of a control's column ends with."""
_RANDOM: Final = (
    "What a change of the same length in a random direction, token by token, does in the head's"
    " place: "
)

EFFECTS: Final = (
    StatisticColumn(
        "effect_loss",
        "Loss without it",
        "nats",
        "By how much the loss rises when the head's output is replaced: mean over tokens that are "
        "predicted, over documents whose class is.",
    ),
    StatisticColumn(
        "effect_loss_control", "Loss, control", "nats", _RANDOM + "by how much the loss rises."
    ),
    StatisticColumn(
        "effect_kl",
        "Divergence without it",
        "nats",
        "How far the model's distribution is from what it is with the head: Kullback–Leibler "
        "divergence, mean over tokens.",
    ),
    StatisticColumn(
        "effect_kl_control", "Divergence, control", "nats", _RANDOM + "the same divergence."
    ),
    StatisticColumn(
        "effect_hidden",
        "Change without it",
        "",
        "How far the last hidden states turn when the head's output is replaced: 1 − cosine, mean "
        "over tokens; 0 is no change, 1 is a right angle.",
    ),
    StatisticColumn(
        "effect_hidden_control", "Change, control", "", _RANDOM + "how far the states turn."
    ),
)
"""What is measured where the corpus asks for effects, and not by attention."""
