"""Attention computed elsewhere, brought to the form in which the pipeline has what it captures.

- `given` is what all importers make: documents with their tokens and layers.
- `arrays` reads arrays and tensors in the forms that people have them, `pieces` the texts of
  tokens, `checking` holds them to what attention is, and `assembling` puts them together.
- `dictionaries` reads activations by the names of TransformerLens and nnterp, `modules` runs a
  module of torch that is no model of transformers.
- `json_files` and `array_files` read files, each document of which is a record of `records`;
  `files` tells them apart.
- `options` are those of the report.
- `corpus` hands them to the pipeline as a corpus and as layers of a model.
"""

from attnviz.importers.arrays import rule_of, stacks_of
from attnviz.importers.assembling import Gift, give
from attnviz.importers.corpus import capture_given, corpus_of
from attnviz.importers.dictionaries import gift_of_arrays
from attnviz.importers.files import is_attention_file, read_gift
from attnviz.importers.given import GivenModel
from attnviz.importers.modules import gift_of_module
from attnviz.importers.options import config_of, name_of

__all__ = [
    "Gift",
    "GivenModel",
    "capture_given",
    "config_of",
    "corpus_of",
    "gift_of_arrays",
    "gift_of_module",
    "give",
    "is_attention_file",
    "name_of",
    "read_gift",
    "rule_of",
    "stacks_of",
]
