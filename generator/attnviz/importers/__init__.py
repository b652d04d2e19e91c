"""Attention computed elsewhere, brought to the form in which the pipeline has what it captures.

- `given` is what all importers make: documents with their tokens and layers.
- `arrays` reads arrays and tensors in the forms that people have them, `pieces` the texts of
  tokens, `checking` holds them to what attention is, and `assembling` puts them together.
- `options` are those of the report.
- `corpus` hands them to the pipeline as a corpus and as layers of a model.
"""

from attnviz.importers.arrays import rule_of, stacks_of
from attnviz.importers.assembling import Gift, give
from attnviz.importers.corpus import capture_given, corpus_of
from attnviz.importers.given import GivenModel
from attnviz.importers.options import config_of

__all__ = [
    "Gift",
    "GivenModel",
    "capture_given",
    "config_of",
    "corpus_of",
    "give",
    "rule_of",
    "stacks_of",
]
