"""The columns of heads' effects."""

from __future__ import annotations

from typing import Final

from attnviz.heads.statistic import StatisticColumn

BY_LABEL: Final = ("effect:", "effect_control:")
"""What begins the names of columns of documents, or tokens, of one label, and of their controls."""
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


def effect_column(name: str) -> StatisticColumn:
    """The column of the effects by a label's value, by the statistic's name."""
    start, _, of = name.partition(":")
    label, _, value = of.partition("=")
    among = (
        f"over what has the label {label!r} of {value!r}: documents, or tokens that are predicted."
    )
    if f"{start}:" == BY_LABEL[0]:
        return StatisticColumn(
            name,
            f"Without it: {value}",
            "",
            f"Rise of the loss, or change, without the head {among}",
        )
    return StatisticColumn(
        name, f"Control: {value}", "", f"{_RANDOM}rise of the loss, or change, {among}"
    )
