"""What is known of single architectures beyond what their configurations say.

`known.py` has an entry per model type; `architecture_of` looks it up.
"""

from attnviz.architectures.alike_lengths import TARGET, Lengths, lengths_of, longest_filled_up
from attnviz.architectures.architecture import Architecture, Towers
from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.frames import Frames
from attnviz.architectures.known import architecture_of
from attnviz.architectures.recognising import (
    continues_texts,
    frames_of,
    reads_recordings,
    refusal,
    writes_what_it_hears,
)
from attnviz.architectures.sizes import height_and_width
from attnviz.architectures.special_tokens import names_after_patches, names_before_patches
from attnviz.architectures.video_layout import VideoLayout, sheet_grid

__all__ = [
    "TARGET",
    "Architecture",
    "AttentionWindows",
    "Frames",
    "Lengths",
    "Towers",
    "VideoLayout",
    "architecture_of",
    "continues_texts",
    "frames_of",
    "height_and_width",
    "lengths_of",
    "longest_filled_up",
    "names_after_patches",
    "names_before_patches",
    "reads_recordings",
    "refusal",
    "sheet_grid",
    "writes_what_it_hears",
]
