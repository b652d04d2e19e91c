"""A small vision transformer trained on scikit-learn's handwritten digits, and the images to see it
on.

    python corpora/make_digits.py             # corpora/models/digits, in well under a minute
    python corpora/make_digits.py --images    # also corpora/digits, which the repository keeps

Three layers of four heads read images of 8 × 8 pixels as [CLS] and 16 patches of 2 × 2. The same
seed and versions give the same weights on the same kind of processor. The images are of digits that
the model has not seen in training.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil
from transformers.utils import logging

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE / "models" / "digits"
IMAGES: Final = HERE / "digits"
ACCURACY: Final = 0.93
"""What the model must reach on digits it has not seen."""

EPOCHS: Final = 20
BATCH: Final = 64
OF_EACH: Final = 4


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training images, their digits, test images, their digits; images (n, 8, 8) uint8, 255 is
    ink."""
    data = load_digits()
    pixels = np.round(data.images * 255 / 16).astype(np.uint8)
    images, test_images, labels, test_labels = train_test_split(
        pixels, data.target, test_size=0.2, random_state=0, stratify=data.target
    )
    return images, labels, test_images, test_labels


def inputs(images: np.ndarray) -> torch.Tensor:
    """What the model takes, (n, 3, 8, 8) in [−1, 1]: the same grey in three channels, as image
    processors give it."""
    grey = torch.from_numpy(images).float() / 255
    return ((grey - 0.5) / 0.5)[:, None].expand(-1, 3, -1, -1)


def build_model() -> ViTForImageClassification:
    """The model before training. Its queries and keys start large: from small ones, heads stay
    nearly uniform."""
    names = {number: str(number) for number in range(10)}
    model = ViTForImageClassification(
        ViTConfig(
            image_size=8,
            patch_size=2,
            num_channels=3,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=3,
            num_attention_heads=4,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            id2label=names,
            label2id={name: number for number, name in names.items()},
        )
    )
    for name, module in model.named_modules():
        if name.endswith(("q_proj", "k_proj")):
            torch.nn.init.normal_(module.weight, std=0.16)
    return model


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread is faster than many for matrices this small, and makes the weights the same on any
    number of cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(seed: int = 0, epochs: int = EPOCHS) -> ViTForImageClassification:
    """The trained model, in evaluation mode."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    images, labels, _, _ = digits()
    model = build_model().train()
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=1e-3, total_steps=epochs * (len(images) // BATCH)
    )
    with one_thread():
        for _ in range(epochs):
            order = random.permutation(len(images))[: rate.total_steps // epochs * BATCH]
            for batch in order.reshape(-1, BATCH):
                loss = model(inputs(images[batch]), labels=torch.from_numpy(labels[batch])).loss
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                rate.step()
    return model.eval()


def accuracy(model: ViTForImageClassification) -> float:
    """The share of unseen digits that the model names rightly."""
    _, _, images, labels = digits()
    with torch.inference_mode():
        predictions = model(inputs(images)).logits.argmax(-1).numpy()
    return float((predictions == labels).mean())


def save(model: ViTForImageClassification, folder: Path) -> None:
    """Weights, class names and how an image is to be prepared."""
    model.save_pretrained(folder)
    ViTImageProcessorPil(
        size={"height": 8, "width": 8}, resample=Image.Resampling.NEAREST
    ).save_pretrained(folder)


def write_images(folder: Path) -> None:
    """The first few unseen images of each digit, as <digit>-<number>.png, 8 × 8, ink white on
    black."""
    folder.mkdir(parents=True, exist_ok=True)
    _, _, images, labels = digits()
    for digit in range(10):
        for number, image in enumerate(images[labels == digit][:OF_EACH]):
            Image.fromarray(image).save(folder / f"{digit}-{number}.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the model goes")
    parser.add_argument("--images", action="store_true", help="write the images, too")
    options = parser.parse_args()
    logging.disable_progress_bar()
    model = train()
    share = accuracy(model)
    if share <= ACCURACY:
        raise SystemExit(
            f"the model names {share:.1%} of unseen digits rightly; expected more than"
            f" {ACCURACY:.0%}"
        )
    save(model, options.out)
    if options.images:
        write_images(IMAGES)
    print(f"{options.out}: names {share:.1%} of unseen digits rightly")


if __name__ == "__main__":
    main()
