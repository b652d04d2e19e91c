"""Capture: a model's queries, keys and score rules, recorded as it runs.

There are three lines of it, tried in this order: `interface` (transformers' attention interface),
`tracer` (softmaxes followed back to q·kᵀ), and `returned` (weights that modules return if asked).

- `batches` plans which documents run together, cut by `content_cuts`, `runner` runs a batch,
  `recorder` keeps its calls
  with the masks and biases of `rules`, and `calls` writes and reads them.
- `numbering` reads the model's own numbers of layers, `absences` what has no attention to show.
- `assembly` puts batches together to the layers of `result`, as far as `selection` keeps them;
  `common_calls` says which calls are the same.
- `operands` is what a call is computed from, `product` what a traced softmax is.
- `selfcheck` compares what is captured with the model's own attention (`eager`), and refuses the
  model if they differ.
- `written` reads what heads write to the hidden state, `rotary` pre-rotary queries and keys.
- `corpus`, `batch_capture`, `before_rotary` and `captured_layer` do this for the documents of a
  corpus, as steps of a build; `model_corpus` and `axes` are the corpus as a model takes it.
"""
