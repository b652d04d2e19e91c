"""A decoder whose heads each do one known thing, its weights set by hand, and the texts to see them
on.

    python corpora/make_induction.py            # corpora/models/induction
    python corpora/make_induction.py --texts    # also corpora/induction, which the repository keeps

Two layers of four heads, a Llama without its feed-forward layers. L0H2 attends to the previous
token and writes down which one it was; L1H1 attends to the token after an earlier occurrence of the
present one, and predicts it. That is an induction circuit (Olsson et al. 2022, "In-context Learning
and Induction Heads"). The other heads write nothing.

A residual vector has a part for the token, one for the token before, one for the prediction, and a
constant. Queries and keys have 32 rotary pairs: the fast ones tell positions apart, the slow ones
hardly turn in 8,192 tokens and compare contents. Attention to an offset is sharp where the phases
of the fast pairs agree at that offset.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils import logging

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE / "models" / "induction"
TEXTS: Final = HERE / "induction"

HEADS: Final = {
    "L0H0": "first token",
    "L0H1": "same position",
    "L0H2": "previous token",
    "L0H3": "same token",
    "L1H0": "all tokens alike",
    "L1H1": "induction",
    "L1H2": "recent tokens",
    "L1H3": "first token",
}

WORDS: Final = """
    acorn amber anchor apple arrow badger barley basket beacon bell birch bottle bridge bucket
    button candle canvas cedar cherry clover copper coral cotton crane dagger feather fern flint
    garden ginger hammer harbour hazel helmet honey island ivory kettle ladder lantern lemon linen
    maple marble meadow mirror needle olive orchard otter pebble pepper pillow quartz raven ribbon
    saddle salmon thistle timber
""".split()
START, PAD, UNKNOWN, END = "<s>", "<pad>", "<unk>", "</s>"
VOCABULARY: Final = [START, PAD, UNKNOWN, END, *WORDS]

CODE, HEAD_SIZE, HIDDEN = 32, 64, 128
TOKEN, PREVIOUS, NEXT = slice(0, 32), slice(32, 64), slice(64, 96)  # parts of a residual vector
ONE = 96
ROTARY_BASE = 1e10
# Scores, in nats, of the same token and of the first one; everything else has 0.
MATCH, REST = 28.0, 14.0
# Gains by rotary pair, in nats: the slow ones keep far tokens from being in phase by chance.
SHARP = dict(enumerate([14.0, 8.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0]))
BROAD = dict.fromkeys(range(3, 10), 6.0)
# A head's slow dimensions: pair i is dimensions i and i + 32.
CONTENT = [*range(16, 32), *range(48, 64)]
SINK = 15


def codes(seed: int) -> np.ndarray:
    """A code of unit length for each token, (64, 32): a rotated cross-polytope, so that no two have
    a positive product.

    The opposite of the first token's code is the padding's, which no text holds.
    """
    basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((CODE, CODE)))
    pairs = np.stack([basis, -basis], 1).reshape(2 * CODE, CODE)
    assert len(pairs) == len(VOCABULARY)
    return pairs


class Projections:
    """The four matrices of one layer, head by head, as torch's linear layers keep them: (out,
    in)."""

    def __init__(self, first: np.ndarray) -> None:
        self.first = first
        self.q, self.k, self.v = (np.zeros((4, HEAD_SIZE, HIDDEN)) for _ in range(3))
        self.o = np.zeros((HIDDEN, 4, HEAD_SIZE))

    def look_at_offset(self, head: int, offset: int, gains: dict[int, float]) -> None:
        """Scores Σ gain · cos(frequency · (distance − offset)), in nats, whatever the tokens
        are."""
        for pair, gain in gains.items():
            size = np.sqrt(gain * np.sqrt(HEAD_SIZE))
            turn = offset * ROTARY_BASE ** (-2 * pair / HEAD_SIZE)
            self.k[head, pair, ONE] = size
            self.q[head, pair, ONE] = size * np.cos(turn)
            self.q[head, pair + HEAD_SIZE // 2, ONE] = -size * np.sin(turn)

    def look_for_token(self, head: int, part: slice) -> None:
        """Scores MATCH where the key has the query's token in that part of its residual vector."""
        size = np.sqrt(MATCH * np.sqrt(HEAD_SIZE))
        self.q[head, CONTENT, TOKEN] = self.k[head, CONTENT, part] = size * np.eye(CODE)

    def rest_on_first(self, head: int) -> None:
        """Scores REST on the first token: where attention goes that has nowhere better to go."""
        size = np.sqrt(REST * np.sqrt(HEAD_SIZE))
        self.q[head, SINK, ONE] = size
        self.k[head, SINK, TOKEN] = size * self.first

    def copy(self, head: int, to: slice) -> None:
        """Writes the tokens that are attended to into a part of the residual vector."""
        self.v[head, :CODE, TOKEN] = np.eye(CODE)
        self.o[to, head, :CODE] = np.eye(CODE)

    def matrices(self) -> dict[str, np.ndarray]:
        q, k, v = (m.reshape(4 * HEAD_SIZE, HIDDEN) for m in (self.q, self.k, self.v))
        return {"q": q, "k": k, "v": v, "o": self.o.reshape(HIDDEN, 4 * HEAD_SIZE)}


def layers(first: np.ndarray) -> list[Projections]:
    """Both layers, wired as HEADS says; `first` is the code of the first token."""
    below, above = Projections(first), Projections(first)
    below.rest_on_first(0)
    below.look_at_offset(1, 0, SHARP)
    below.look_at_offset(2, 1, SHARP)
    below.copy(2, PREVIOUS)
    below.look_for_token(3, TOKEN)
    above.look_for_token(1, PREVIOUS)
    above.rest_on_first(1)
    above.copy(1, NEXT)
    above.look_at_offset(2, 0, BROAD)
    above.rest_on_first(3)
    return [below, above]


def weights(seed: int) -> dict[str, torch.Tensor]:
    """Every parameter of the model, by name."""
    tokens = codes(seed)  # (token, 32)
    embedding = np.zeros((len(VOCABULARY), HIDDEN))
    embedding[:, TOKEN], embedding[:, ONE] = tokens, 1
    unembedding = np.zeros_like(embedding)
    unembedding[:, NEXT] = 16 * tokens
    parameters = {"model.embed_tokens.weight": embedding, "lm_head.weight": unembedding}
    for number, layer in enumerate(layers(tokens[0])):
        name = f"model.layers.{number}"
        for part, matrix in layer.matrices().items():
            parameters[f"{name}.self_attn.{part}_proj.weight"] = matrix
        for part in ("gate", "up"):
            parameters[f"{name}.mlp.{part}_proj.weight"] = np.zeros((8, HIDDEN))
        parameters[f"{name}.mlp.down_proj.weight"] = np.zeros((HIDDEN, 8))
        # What a layer writes adds one to the squared length, 2 at first; so the norms change
        # nothing.
        norm = np.full(HIDDEN, np.sqrt((2 + number) / HIDDEN))
        parameters[f"{name}.input_layernorm.weight"] = norm
        parameters[f"{name}.post_attention_layernorm.weight"] = np.ones(HIDDEN)
    parameters["model.norm.weight"] = np.full(HIDDEN, np.sqrt(4 / HIDDEN))
    return {name: torch.from_numpy(value).float() for name, value in parameters.items()}


def build_model(seed: int = 0, longest: int = 8192) -> LlamaForCausalLM:
    """The model, in evaluation mode."""
    config = LlamaConfig(
        vocab_size=len(VOCABULARY), hidden_size=HIDDEN, intermediate_size=8, num_hidden_layers=2,
        num_attention_heads=4, head_dim=HEAD_SIZE, max_position_embeddings=longest,
        rope_parameters={"rope_type": "default", "rope_theta": ROTARY_BASE},
        bos_token_id=0, pad_token_id=1, eos_token_id=3,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    model.load_state_dict(weights(seed))
    return model.eval()


def build_tokenizer() -> PreTrainedTokenizerFast:
    """One token per word, <s> before them."""
    vocabulary = {word: number for number, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        f"{START} $A", special_tokens=[(START, 0)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=START, pad_token=PAD, unk_token=UNKNOWN, eos_token=END
    )


def texts(seed: int = 0) -> dict[str, list[str]]:
    """Lines of words by file: a random phrase said twice, and the same words in random order."""
    random = np.random.default_rng(seed)
    repeated, shuffled = [], []
    for number in range(48):
        line = [*random.permutation(WORDS)[: 8 + number % 4 * 8]] * 2
        repeated.append(" ".join(line))
        shuffled.append(" ".join(random.permutation(line)))
    return {"repeated.txt": repeated, "shuffled.txt": shuffled}


def save(folder: Path) -> None:
    """Model and tokenizer."""
    build_model().save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the model goes")
    parser.add_argument("--texts", action="store_true", help="write the texts, too")
    options = parser.parse_args()
    logging.disable_progress_bar()
    save(options.out)
    if options.texts:
        TEXTS.mkdir(exist_ok=True)
        for name, lines in texts().items():
            (TEXTS / name).write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{options.out}: {', '.join(f'{head} {job}' for head, job in HEADS.items())}")


if __name__ == "__main__":
    main()
