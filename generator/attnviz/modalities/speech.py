"""Recordings with what is said in them, and models that hear the one and write the other: Whisper
(Radford et al. 2022), Moonshine, Speech2Text.

They have an axis of frames, one of the decoder's tokens, and cross-attention between them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attnviz.architectures.recognising import writes_what_it_hears
from attnviz.config import DocumentSpec
from attnviz.documents import Document, Media
from attnviz.errors import InputError
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import AUDIO_AXIS, TEXT_AXIS, Excerpt, Family, text_padding
from attnviz.modalities.hearing import (
    AUDIO,
    AUDIO_TEXT,
    Ears,
    Recording,
    read_recordings,
    sample_recording,
)
from attnviz.modalities.languages import has_prompt, languages_heard, prompted
from attnviz.modalities.modality import EntryDocuments, Modality
from attnviz.modalities.model_input import Begin, ModelInput, Prepared, Start
from attnviz.modalities.translation import decoder_arrays, decoder_input, place_of
from attnviz.models.loaded import LoadedModel


class SpeechFamily(Family):
    """The encoder hears a recording, and the decoder writes what is said."""

    name = "speech-to-text"
    kinds = (AUDIO_TEXT,)
    reads_in_words = "recordings"
    takes = "recordings, and writes what is said in them"
    has_target = True
    head = "AutoModelForSpeechSeq2Seq"
    completes = AUDIO

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"audio": AUDIO_AXIS, "target": TEXT_AXIS}
        pad = text_padding(loaded)["input_ids"]
        self.padding = {"decoder_input_ids": pad, "decoder_attention_mask": 0}
        self._ears = Ears(loaded)

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        return writes_what_it_hears(loaded.model.config)

    def place(self, path: str) -> AttentionPlace:
        return place_of(path, "audio")

    def excerpt(self, media: Media) -> Excerpt:
        assert isinstance(media, Recording)
        return self._ears.excerpt(media)

    def prepare(self, document: Document) -> Prepared:
        """A recording, and the decoder's input of its text."""
        target, remarks = decoder_input(
            self.loaded, document, document.text, limit=self.loaded.target_limit, may_start=True
        )
        heard, more = self._ears.hear(document)
        remarks = [*remarks, *more]
        if heard is None or target is None:
            return None, remarks
        axes = {"audio": heard.frames, "target": target}
        return ModelInput(axes, {**heard.arrays, **decoder_arrays(target)}, heard.crop), remarks

    def sample(self, folder: Path) -> list[Document]:
        texts = "We heard the bells.", "We heard"
        languages = languages_heard(self.loaded) if has_prompt(self.loaded.tokenizer) else {}
        spoken = next(iter(languages), None)
        return [
            Document(
                0,
                "sample",
                text,
                AUDIO_TEXT,
                media=sample_recording(folder, seed),
                languages=(spoken, None),
            )
            for seed, text in enumerate(texts)
        ]

    def start(self, document: Document) -> Start | None:
        """The recording. A Whisper begins with its prompt."""
        heard, _ = self._ears.hear(document)
        if heard is None:
            return None
        prompted_by = has_prompt(self.loaded.tokenizer)
        return Start(heard.arrays, prompted(self.loaded, document) if prompted_by else Begin())

    def most_new_tokens(self, start: Start) -> int:
        """As many as the decoder takes."""
        limit = self.loaded.target_limit
        return super().most_new_tokens(start) if limit is None else limit - start.begin.tokens


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if not spec.audio or not spec.text:
        return None
    if len(spec.audio) != len(spec.text):
        raise InputError(
            f"{where}.text: has {len(spec.text)} texts for {len(spec.audio)} recordings; expected"
            " one for each, in the order of the recordings"
        )
    documents = [
        Document(entry, item.title or path.stem, item.text, AUDIO_TEXT, media=Recording(path))
        for path, item in zip(spec.audio, spec.text, strict=True)
    ]
    texts = "\0".join(item.text for item in spec.text).encode()
    return read_recordings(spec, documents, texts)


MODALITY: Final = Modality(AUDIO_TEXT, _read, SpeechFamily)
