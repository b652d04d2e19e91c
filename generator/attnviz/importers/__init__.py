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
