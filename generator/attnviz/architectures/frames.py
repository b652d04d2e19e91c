"""How models of audio cut a recording into frames: the tokens of their encoders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Frames:
    """Frames of `reach` samples, from each to the next `stride` samples.

    fixed: how many there are of any recording: a shorter one is filled up with silence, which
    counts as heard. None where there are as many as a recording has room for.
    """

    reach: int
    stride: int
    fixed: int | None = None

    def count(self, samples: int) -> int:
        """Frames of so many samples, silence left out.

        >>> Frames(reach=400, stride=320).count(16000), Frames(1, 320, fixed=1500).count(16000)
        (49, 50)
        """
        return max(0, (samples - self.reach) // self.stride + 1)

    def samples(self, count: int) -> int:
        """How many samples so many frames hear."""
        return max(self.reach, self.stride) + (count - 1) * self.stride


def frames_of_convolutions(config: Any, extractor: Any) -> Frames:
    """Of samples, by the convolutions that the configuration lists (wav2vec 2.0 and the like)."""
    return _convolved(zip(config.conv_kernel, config.conv_stride, strict=True))


def frames_of_whisper(config: Any, extractor: Any) -> Frames:
    """Of a spectrogram of fixed length, by a convolution that takes every second column of it."""
    return Frames(reach=1, stride=2 * int(extractor.hop_length), fixed=config.max_source_positions)


def frames_of_moonshine(config: Any, extractor: Any) -> Frames:
    """Of samples, by three convolutions that its code has and its configuration does not say."""
    return _convolved([(127, 64), (7, 3), (3, 2)])


def frames_of_speech_to_text(config: Any, extractor: Any) -> Frames:
    """Of Kaldi's filter banks, 25 ms every 10 ms, by convolutions that halve them each."""
    reach, hop = (int(extractor.sampling_rate) * part // 1000 for part in (25, 10))
    return Frames(reach, hop * 2 ** int(config.num_conv_layers))


def _convolved(convolutions: Any) -> Frames:
    """By convolutions (kernel, stride), one after the other, without padding."""
    reach, stride = 1, 1
    for kernel, step in convolutions:
        reach += (kernel - 1) * stride
        stride *= step
    return Frames(reach, stride)
