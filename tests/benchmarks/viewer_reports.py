"""Two large reports of models that were never trained: many heads and points, and long documents.

What the viewer does takes as long whatever the weights are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch
import transformers

import attnviz
from corpora import make_induction
from tests.fixtures.models import save_tokenizer, sentences

LAYERS: Final = 12
HEADS: Final = 12
HEAD_SIZE: Final = 8
POINTS: Final = 10_000
"""Of each head of the first report: half are queries, half keys."""
SENTENCE: Final = 25
LONG: Final = 512
LONGEST: Final = 8_192
"""Tokens of the second report's first documents."""
SENTENCES: Final = (POINTS // 2 - LONG) // SENTENCE + 1
MANY_POINTS: Final = 20_000
"""Of each head of the second report."""


def many_heads(folder: Path, cache: Path) -> Path:
    """The folder of a report of 144 heads × 10,000 points on 180 sentences, and after them a
    document of 512 tokens."""
    model = folder / "many-heads-model"
    size = save_tokenizer(model)
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=HEADS * HEAD_SIZE, n_layer=LAYERS, n_head=HEADS, n_positions=LONG,
        bos_token_id=0, eos_token_id=0, initializer_range=0.2,
    )  # fmt: skip
    transformers.GPT2Model(config).save_pretrained(model)
    texts = sentences(1, [SENTENCE] * SENTENCES + [LONG])
    return _built("many-heads", model, texts, folder, cache)


def long_documents(folder: Path, cache: Path) -> Path:
    """The folder of a report of documents of 512 and of 8,192 tokens, with 20,000 points a head."""
    model = folder / "long-documents-model"
    make_induction.save(model)
    rest = MANY_POINTS // 2 - LONGEST - LONG
    # The tokenizer adds a first token to each.
    words = torch.randint(len(make_induction.WORDS), (LONGEST + LONG + rest,), generator=_seeded())
    spelled = [make_induction.WORDS[word] for word in words]
    texts, at = [], 0
    for tokens in (LONG, LONGEST, rest):
        texts.append(" ".join(spelled[at : at + tokens - 1]))
        at += tokens
    return _built("long-documents", model, texts, folder, cache)


def _seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _built(name: str, model: Path, texts: list[str], folder: Path, cache: Path) -> Path:
    corpus: dict[str, Any] = {
        "title": name,
        "models": [{"name": "model", "source": str(model.resolve())}],
        "documents": [{"text": texts}],
        "maps": {"methods": ["pca"], "dimensions": [2]},
    }
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(corpus))
    attnviz.build(file, out=folder / name, cache=cache)
    return folder / name
