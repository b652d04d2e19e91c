"""Models: from the corpus's words to a loaded model and its tokenizer."""

from attnviz.models.about import ModelAbout
from attnviz.models.arriving import arrive
from attnviz.models.fit import undefined
from attnviz.models.folder import locate
from attnviz.models.loaded import LoadedModel, device_of
from attnviz.models.loading import (
    load_model,
    load_weights,
    load_writer,
    look_at,
    pick_device,
    release_memory,
)
from attnviz.models.running import running_model, unwrapped
from attnviz.models.unembedding import load_unembedding

__all__ = [
    "LoadedModel",
    "ModelAbout",
    "arrive",
    "device_of",
    "load_model",
    "load_unembedding",
    "load_weights",
    "load_writer",
    "locate",
    "look_at",
    "pick_device",
    "release_memory",
    "running_model",
    "undefined",
    "unwrapped",
]
