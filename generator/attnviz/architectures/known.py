"""The architectures of which something has to be known, by model type. To add one, add its
entry."""

from __future__ import annotations

from typing import Any, Final

from attnviz.architectures.after_softmax import differential, talking_heads
from attnviz.architectures.architecture import Architecture, Towers, WindowedAttention
from attnviz.architectures.block_sparse import with_repeated_block
from attnviz.architectures.divided_attention import divided_axis, divided_windows
from attnviz.architectures.frames import (
    frames_of_moonshine,
    frames_of_speech_to_text,
    frames_of_whisper,
)
from attnviz.architectures.shifted_windows import stage_axis, stage_windows
from attnviz.architectures.video_layout import layout_of_patches, layout_of_tubelets

_VIDEO_MODELS: Final = "of video models, TimeSformer, VideoMAE and ViViT are known"
_MIXING: Final = Architecture(mixes_neighbours=True)
_TWO_TOWERS: Final = Architecture(towers=Towers())
_SWIN: Final = Architecture(windowed=WindowedAttention(stage_windows, stage_axis))
_SIGLIP2: Final = Architecture(
    refusal="packs images of any shape into one row of patches; expected a checkpoint of fixed"
    " resolution"
)

KNOWN: Final[dict[str, Architecture]] = {
    "altclip": _TWO_TOWERS,
    "big_bird": Architecture(as_computed=with_repeated_block),
    "bigbird_pegasus": Architecture(as_computed=with_repeated_block),
    "chinese_clip": _TWO_TOWERS,
    "clip": _TWO_TOWERS,
    "clip_vision_model": Architecture(vision_tower="CLIPVisionModel"),
    "clipseg": _TWO_TOWERS,
    "convbert": _MIXING,
    "deberta": Architecture(after_softmax=talking_heads),
    "deit": Architecture(special_tokens=("[CLS]", "[DIST]")),
    "diffllama": Architecture(after_softmax=differential),
    "encoder-decoder": Architecture(loaded_as="EncoderDecoderModel"),
    "metaclip_2": _TWO_TOWERS,
    "mobilebert": _MIXING,
    "mobilevit": Architecture(
        refusal="attends between pixels at the same place of small squares, between convolutions,"
        " so that its tokens are no patches of the image; expected a ViT or Swin"
    ),
    "mobilevitv2": Architecture(
        refusal="has no attention from patch to patch: it weighs each by one score; expected a ViT"
        " or Swin"
    ),
    "moonshine": Architecture(frames=frames_of_moonshine),
    "nystromformer": _MIXING,
    "owlv2": _TWO_TOWERS,
    "owlvit": _TWO_TOWERS,
    "paligemma": Architecture(after_image=""),
    "segformer": Architecture(
        refusal="attends to summaries of several patches, which have no place of their own;"
        " expected a ViT or Swin"
    ),
    "siglip": Architecture(towers=Towers(pads_texts=True)),
    "siglip2": _SIGLIP2,
    "siglip2_vision_model": _SIGLIP2,
    "siglip_vision_model": Architecture(vision_tower="SiglipVisionModel"),
    "speech-encoder-decoder": Architecture(
        refusal="reads recordings and writes their text: two models in one, whose encoder's frames"
        " and decoder's tokens attnviz does not put together; expected one of the two by itself"
    ),
    "speech_to_text": Architecture(frames=frames_of_speech_to_text),
    "speecht5": Architecture(
        refusal="reads and writes recordings or texts, each by a part that is no part of its"
        " checkpoints' common model; expected a Whisper, or an encoder such as wav2vec 2.0"
    ),
    "swin": _SWIN,
    "swinv2": _SWIN,
    "timesformer": Architecture(
        windowed=WindowedAttention(divided_windows, divided_axis),
        video_layout=layout_of_patches(has_cls=True, time_first=True),
    ),
    "videomae": Architecture(video_layout=layout_of_patches(has_cls=False, time_first=False)),
    "vision-encoder-decoder": Architecture(loaded_as="VisionEncoderDecoderModel"),
    "vit_mae": Architecture(
        refusal="shuffles and hides its patches anew in each pass; expected the same encoder as a"
        " ViT (model_type: vit)"
    ),
    "vivit": Architecture(video_layout=layout_of_tubelets),
    "vjepa2": Architecture(refusal=f"prepares its videos by torchvision; {_VIDEO_MODELS}"),
    "whisper": Architecture(frames=frames_of_whisper),
}


def architecture_of(config: Any) -> Architecture:
    """What is known of a model's architecture, by the model type of its configuration."""
    return KNOWN.get(config.model_type, Architecture())
