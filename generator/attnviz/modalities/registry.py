"""All modalities. To add one, write its module and add it here; a key of its own in corpus.yaml, if
it has one, stands in `config/entries.py`."""

from __future__ import annotations

from typing import Final

from attnviz.modalities import (
    audio,
    conversation,
    image,
    image_target,
    image_text,
    pair,
    prompt,
    speech,
    text,
    towers,
    translation,
    video,
)
from attnviz.modalities.family import Family
from attnviz.modalities.modality import Modality
from attnviz.models.loaded import LoadedModel

MODALITIES: Final[tuple[Modality, ...]] = (
    speech.MODALITY,
    translation.MODALITY,
    audio.MODALITY,
    video.MODALITY,
    towers.MODALITY,
    image.MODALITY,
    image_text.MODALITY,
    pair.MODALITY,
    prompt.MODALITY,
    conversation.MODALITY,
    text.MODALITY,
)
"""The first of them whose family has a model reads with it: models of texts alone come last."""

FAMILIES: Final[dict[str, type[Family]]] = {
    speech.SpeechFamily.name: speech.SpeechFamily,
    image_target.ImageTargetFamily.name: image_target.ImageTargetFamily,
    **{each.family.name: each.family for each in MODALITIES if each.family is not None},
}
"""By name, in the order in which they are asked. Images with texts have two: models that read both
(`image_text`) and models that write the one of the other."""


def family_of(loaded: LoadedModel) -> Family:
    """The family of a model."""
    return next(family(loaded) for family in FAMILIES.values() if family.has(loaded))
