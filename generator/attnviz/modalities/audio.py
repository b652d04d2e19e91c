"""Recordings, and models of them: wav2vec 2.0 (Baevski et al. 2020), HuBERT, WavLM and the like,
which read samples."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attnviz.architectures.recognising import reads_recordings
from attnviz.config import DocumentSpec
from attnviz.documents import Document
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import AUDIO_AXIS, Family
from attnviz.modalities.hearing import (
    AUDIO,
    AUDIO_TEXT,
    Ears,
    Recording,
    read_recordings,
    sample_recording,
)
from attnviz.modalities.modality import EntryDocuments, Modality
from attnviz.modalities.model_input import ModelInput, Prepared
from attnviz.models.loaded import LoadedModel


class AudioFamily(Family):
    """Encoders of audio: one axis of frames."""

    name = "audio"
    kinds = (AUDIO, AUDIO_TEXT)
    reads_in_words = takes = "audio"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"audio": AUDIO_AXIS}
        self._ears = Ears(loaded)

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        return reads_recordings(loaded.model.config)

    def place(self, path: str) -> AttentionPlace:
        return AttentionPlace("encoder", "audio", "audio")

    def prepare(self, document: Document) -> Prepared:
        """A recording at the model's rate, as its feature extractor scales it."""
        heard, remarks = self._ears.hear(document)
        if heard is None:
            return None, remarks
        return ModelInput({"audio": heard.frames}, heard.arrays, heard.crop), remarks

    def sample(self, folder: Path) -> list[Document]:
        return [
            Document(0, "sample", "", AUDIO, media=sample_recording(folder, seed))
            for seed in range(2)
        ]


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if not spec.audio or spec.text:
        return None
    documents = [
        Document(entry, path.stem, "", AUDIO, media=Recording(path)) for path in spec.audio
    ]
    return read_recordings(spec, documents)


MODALITY: Final = Modality(AUDIO, _read, AudioFamily)
