"""Columns of labels that no file has: they come of what documents are and of what models say."""

from typing import Final

TURN: Final = "turn"
"""Of tokens of conversations: the number and the role of their message."""
PREDICTION: Final = "prediction"
"""Of documents: what a classifier says of them."""
BETWEEN: Final = " · "
"""Stands between that and the name of the classifier, where there are several."""


def is_prediction(column: str) -> bool:
    """Whether a column is of what a classifier says."""
    return column == PREDICTION or column.startswith(PREDICTION + BETWEEN)
