"""Reports that browser tests look at, each built once a run: see the fixtures of `conftest`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attnviz
from corpora import make_induction
from tests.fixtures.audio_models import noise, save_audio_model, save_wav
from tests.fixtures.image_models import IMAGE_MODELS, bright_patch, save_image_model
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build, short_corpus
from tests.fixtures.video_models import FRAMES, save_video, save_video_model

FAMILIES: Final = ("bert", "deberta", "t5")
BRIGHT: Final = (2, 1)
"""Row and column of the one bright patch of an image."""
BRIGHT_FRAME: Final = (2, 1, 0)
"""Frame, row and column of the one bright patch of a video."""


def build_mixed(folder: Path) -> None:
    """Three models; the last takes only the translation, which the others do not take."""
    models = [{"name": name, "source": str(save_model(name, folder / name))} for name in FAMILIES]
    source, target = "rain fell over hills that no one saw", "birds sang their song"
    documents = [
        {"text": ["the cat sat on a mat", {"text": "the cat sat", "pair": "on a mat"}]},
        {"translate": [{"source": source, "target": target}]},
    ]
    corpus = {"title": "Mixed", "models": models, "documents": documents}
    build(corpus | {"maps": {"methods": ["pca"]}}, folder / "report")


def build_partly_stored(folder: Path, lengths: Sequence[int]) -> attnviz.Report:
    """The report on five texts of these lengths, of which two are stored."""
    model = save_model("gemma2", folder / "model")
    texts = [{"text": t, "title": f"Text {i}"} for i, t in enumerate(sentences(8, lengths))]
    corpus = short_corpus("tiny", model, documents=[{"text": texts}], keep={"documents": [1, 3]})
    build(corpus, folder / "report")
    return attnviz.open_report(folder / "report")


def build_bright_image(folder: Path) -> None:
    """A model whose every query in the first layer seeks the bright patch of an image."""
    model = save_image_model("vit", folder / "model", wired=True)
    image = bright_patch(folder / "bright.png", IMAGE_MODELS["vit"].grid, *BRIGHT)
    models = [{"name": "vit", "source": str(model)}]
    corpus = {"title": "Seen", "models": models, "documents": [{"images": str(image)}]}
    build(corpus, folder / "report")


def build_video_and_audio(folder: Path) -> None:
    """A model whose queries seek the bright patch of a video, and one of audio."""
    models = [
        {
            "name": "video",
            "source": str(save_video_model("Timesformer", folder / "video", wired=True)),
        },
        {"name": "audio", "source": str(save_audio_model("Wav2Vec2", folder / "audio"))},
    ]
    documents = [
        {"videos": str(save_video(folder / "frames", FRAMES, BRIGHT_FRAME))},
        {"audio": str(save_wav(folder / "talk.wav", noise(2.5)))},
    ]
    build({"models": models, "documents": documents}, folder / "report")


def build_explained(folder: Path) -> None:
    """The circuit wired by hand, with what its heads write, whom they read and why they look where
    they do."""
    make_induction.save(folder / "model")
    corpus = {
        "models": [{"name": "m", "source": str(folder / "model")}],
        "documents": [{"text": make_induction.texts()["repeated.txt"][:3]}],
        "maps": {"methods": []},
        "writes": {"pairs": True},
        "components": {"rank": 4},
        "probes": False,
    }
    build(corpus, folder / "report")


def build_translations(folder: Path) -> None:
    """Translations: stacks on one axis each, and one from axis to axis."""
    model = save_model("t5", folder / "model")
    pairs = zip(sentences(5, (5, 12)), sentences(6, (6, 10)), strict=True)
    documents = [{"translate": [{"source": source, "target": target} for source, target in pairs]}]
    models = [{"name": "t5", "source": str(model)}]
    build({"title": "Translations", "models": models, "documents": documents}, folder / "report")


def build_vectors(folder: Path) -> None:
    """Models with all that a score may have: a soft cap, grouped queries, rotary embedding and a
    sliding window; sinks; biases; and one of which only attention is known. Vectors are kept of the
    second document."""
    models = [
        {"name": name, "source": str(save_model(name, folder / name, layers=1))}
        for name in ("gemma2", "gpt_oss", "bloom", "deberta")
    ]
    texts = [
        {"text": text, "title": f"Text {number}"}
        for number, text in enumerate(sentences(3, (7, 16)))
    ]
    corpus = {"title": "Vectors", "models": models, "documents": [{"text": texts}]}
    build(
        corpus
        | {"maps": {"methods": ["pca"]}, "vectors": ["Text 1"], "fidelity": {"max_error": 1e-3}},
        folder / "report",
    )
