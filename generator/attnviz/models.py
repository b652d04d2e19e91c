"""Models: from the corpus's words to a loaded model and its tokenizer."""

from __future__ import annotations

import gc
import hashlib
import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from safetensors import SafetensorError
from transformers.models.auto import feature_extraction_auto

from attnviz.config import ModelSpec
from attnviz.errors import InputError


def hush() -> None:
    """Keep transformers from warning and drawing progress bars of its own."""
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to run, in evaluation mode on its device, and what a report says of it.

    `tokenizer` is None for models of images alone, `processor` (which prepares images) for models of text alone;
    `limit` is the most tokens of a document, None where the architecture has no limit; `left_out` says which parts of
    the weights' model are not in this one.
    """

    name: str
    title: str
    source: str
    revision: str | None
    weights_sha256: str
    model: Any
    tokenizer: Any
    limit: int | None
    processor: Any = None
    left_out: tuple[str, ...] = ()

    @property
    def architecture(self) -> str:
        return type(self.model).__name__

    @property
    def dtype(self) -> str:
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def device(self) -> torch.device:
        """Where the model's input goes, and most of its work is done."""
        return device_of(self.model)

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def separator(self) -> int | None:
        """The token id that separates segments, for encoders that have one."""
        found = getattr(self.tokenizer, "sep_token_id", None)
        return None if found is None else int(found)


def device_of(model: Any) -> torch.device:
    """Where a model runs; of one that is spread over devices, or kept on disk in part, the first that computes.

    accelerate brings inputs to each part's device; weights that wait elsewhere have none.
    """
    placed = getattr(model, "hf_device_map", None)
    if not placed:
        return torch.device(model.device)
    first = next((where for where in placed.values() if where not in ("cpu", "disk")), "cpu")
    return torch.device("cuda", first) if isinstance(first, int) else torch.device(first)


def locate(spec: ModelSpec) -> Path:
    """The folder that holds the model: an installed package's, one of the user's, or the hub's local copy."""
    return spec.folder if spec.folder is not None else _hub_folder(spec)


def _hub_folder(spec: ModelSpec) -> Path:
    from huggingface_hub import snapshot_download

    wanted = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
    wanted += ["*.py"] if spec.trust_remote_code else []
    wanted += ["*.bin"] if spec.allow_pickle else []
    try:
        return Path(snapshot_download(spec.source, revision=spec.revision, allow_patterns=wanted))
    except Exception as error:  # the hub's client raises many classes, none of them ours
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"model {spec.name}: source: cannot get {spec.source} from the Hugging Face hub ({reason}); "
            "check the name and the network, or give a folder that holds the model"
        ) from error


def load_model(spec: ModelSpec) -> LoadedModel:
    """Load a model with its tokenizer or image processor. InputError where the folder holds no such model."""
    return load_weights(look_at(spec), spec)


def look_at(spec: ModelSpec) -> LoadedModel:
    """All of a model but its weights: its modules have shapes and take no memory. InputError as for `load_model`."""
    folder = locate(spec)
    config, left_out = _visible_part(_load_config(spec, folder))
    _refuse_unknown(spec, config)
    weights = _weight_files(spec, folder)
    processor = _load_processor(spec, folder, config)
    has_tokenizer = any((folder / name).is_file() for name in _TOKENIZER_FILES)
    speechless = hears(config) or (processor is not None and not has_tokenizer)
    tokenizer = None if speechless else _load_tokenizer(spec, folder)
    model = _skeleton(spec, config)
    limit = _longest_input(model)
    if spec.max_length is not None:
        limit = spec.max_length if limit is None else min(limit, spec.max_length)
    digest = weights_hash(weights)
    about = (spec.name, spec.title, spec.source, spec.revision, digest)
    return LoadedModel(*about, model, tokenizer, limit, processor, left_out)


_TOKENIZER_FILES: Final = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "tokenizer.model")


def _weight_files(spec: ModelSpec, folder: Path) -> list[Path]:
    """The weights, safetensors before anything else; pickled ones only where the corpus allows them."""
    found = sorted(folder.glob("*.safetensors"))
    pickled = sorted([*folder.glob("pytorch_model*.bin")])
    if found or (spec.allow_pickle and pickled):
        return found or pickled
    advice = "convert them (model.save_pretrained writes safetensors)"
    if pickled:
        raise InputError(
            f"model {spec.name}: source: {folder} has pickled weights only ({pickled[0].name}), which can run "
            f"code when they are opened; {advice}, or set allow_pickle: true if you trust their author"
        )
    raise InputError(f"model {spec.name}: source: {folder} has no weights; expected .safetensors files: {advice}")


def load_writer(spec: ModelSpec, translates: bool) -> Any:
    """The same model with its head for next tokens, to generate with: of a decoder, or of an encoder–decoder.

    InputError where the folder's weights have no such head.
    """
    folder = locate(spec)
    kind = transformers.AutoModelForSeq2SeqLM if translates else transformers.AutoModelForCausalLM
    model, found = _from_pretrained(spec, folder, _load_config(spec, folder), kind, output_loading_info=True)
    if found["missing_keys"]:
        raise InputError(
            f"model {spec.name}: source: {folder} has no weights for {min(found['missing_keys'])}, so it cannot "
            "generate text; expected a model saved with its language-modelling head, or no prompts for it"
        )
    return _placed(spec, model)


def load_weights(looked: LoadedModel, spec: ModelSpec) -> LoadedModel:
    """The model ready to run."""
    config = looked.model.config
    return replace(looked, model=_placed(spec, _from_pretrained(spec, locate(spec), config, _model_class(config))))


def release_memory() -> None:
    """Give back what a model took that nobody holds any more: its modules know each other, so it goes with the rest."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _skeleton(spec: ModelSpec, config: Any) -> Any:
    """The model without its weights, or, where its own code needs them to be there, with them."""
    kind, options = _model_class(config), {"trust_remote_code": True} if spec.trust_remote_code else {}
    make = kind.from_config if hasattr(kind, "from_config") else kind._from_config
    try:
        with torch.device("meta"):
            return make(config, **options)
    except Exception:  # anything that code of its own may raise
        if not spec.trust_remote_code:
            raise
        return _from_pretrained(spec, locate(spec), config, kind)


def _from_pretrained(spec: ModelSpec, folder: Path, config: Any, kind: Any, **options: Any) -> Any:
    if spec.device_map == "auto":
        if importlib.util.find_spec("accelerate") is None:
            raise InputError(
                f"model {spec.name}: device_map: spreading a model over devices needs accelerate, which is not "
                "installed; pip install 'attnviz[large]', or leave device_map out"
            )
        options["device_map"] = "auto"
    try:
        return kind.from_pretrained(
            folder,
            config=config,
            dtype=_DTYPES.get(spec.dtype, "auto"),
            trust_remote_code=spec.trust_remote_code,
            use_safetensors=None if spec.allow_pickle else True,
            **options,
        )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        raise InputError(
            f"model {spec.name}: source: transformers cannot load {folder}: {_first_line(error)}"
        ) from error


def _placed(spec: ModelSpec, model: Any) -> Any:
    """In evaluation mode, on its device."""
    model.eval()
    return model if spec.device_map == "auto" else model.to(pick_device(spec))


_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Two towers in one: the one that sees images is what a corpus of images looks into.
_VISION_TOWERS: Final = {
    "clip": "CLIPVisionModel", "clip_vision_model": "CLIPVisionModel", "siglip": "SiglipVisionModel",
}  # fmt: skip


def _visible_part(config: Any) -> tuple[Any, tuple[str, ...]]:
    """The configuration of the part of a model that reports look into, and what is left out of it."""
    if config.model_type in _VISION_TOWERS and getattr(config, "vision_config", None) is not None:
        config = config.vision_config
    if getattr(config, "vision_use_head", False):
        # Its only query is a learned one, and its attention comes averaged over heads.
        config.vision_use_head = False
        return config, ("the pooling head, a learned query over the patches",)
    return config, ()


def _refuse_unknown(spec: ModelSpec, config: Any) -> None:
    """InputError for models whose way from input to tokens is known to be unlike any that is understood here."""
    kind = config.model_type
    reason = _UNLIKE.get(kind)
    both = any(getattr(config, part, None) is not None for part in ("text_config", "vision_config"))
    if reason is None and kind in _HEARS and not (hears(config) or both):
        reason = "hears by spectrograms or codes; of models that hear, those that take samples are known: " + _HEARERS
    if reason is not None:
        raise InputError(f"model {spec.name}: source: {kind} {reason}")


_HEARS: Final = feature_extraction_auto.FEATURE_EXTRACTOR_MAPPING_NAMES  # type: ignore[attr-defined]
_HEARERS: Final = "wav2vec 2.0, HuBERT, WavLM, UniSpeech, data2vec-audio"
_FILMS: Final = "of models of films, TimeSformer and VideoMAE are known"
_UNLIKE: Final = {
    "vjepa2": f"prepares its films by torchvision; {_FILMS}",
    "vit_mae": "shuffles and hides its patches anew in each pass; expected the same encoder as a ViT (model_type: vit)",
    "segformer": "attends to summaries of several patches, which have no place of their own; expected a ViT or Swin",
    **dict.fromkeys(
        ("siglip2", "siglip2_vision_model"),
        "packs pictures of any shape into one row of patches; expected a checkpoint of fixed resolution",
    ),
}
"""Why models of these types are refused before their weights are loaded; their other parts could not be shown alone."""


def _model_class(config: Any) -> Any:
    tower = _VISION_TOWERS.get(config.model_type, "")
    return getattr(transformers, tower) if tower else transformers.AutoModel


def pick_device(spec: ModelSpec) -> str:
    """The device the corpus asks for; `auto` takes the best there is. InputError where it is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if spec.device == "auto":
        return next(name for name, present in there.items() if present)
    if not there[spec.device.split(":")[0]]:
        raise InputError(f"model {spec.name}: device: this machine has no {spec.device}; expected auto or cpu")
    return spec.device


def _load_config(spec: ModelSpec, folder: Path) -> Any:
    try:
        return transformers.AutoConfig.from_pretrained(folder, trust_remote_code=spec.trust_remote_code)
    except (OSError, ValueError, KeyError, ImportError) as error:
        reason = _first_line(error)
        if "trust_remote_code" in str(error):
            reason = "it brings code of its own; set trust_remote_code: true in the corpus if you trust its author"
        raise InputError(
            f"model {spec.name}: source: {folder} is not a model that transformers knows: {reason}"
        ) from error


def _load_processor(spec: ModelSpec, folder: Path, config: Any) -> Any:
    """What prepares images for the model, with their texts where it reads both; None for models of text.

    Pillow's way of resizing is taken whatever else is installed: others give other pixels.
    """
    if not any((folder / name).is_file() for name in ("preprocessor_config.json", "processor_config.json")):
        return None
    if hears(config):
        return _load_ears(spec, folder)
    both = getattr(config, "text_config", None) is not None
    kind: Any = transformers.AutoProcessor if both else transformers.AutoImageProcessor
    try:
        return kind.from_pretrained(folder, trust_remote_code=spec.trust_remote_code, backend="pil")
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError(
            f"model {spec.name}: source: its image processor cannot be loaded: {_first_line(error)}"
        ) from error


def hears(config: Any) -> bool:
    """Whether a model takes samples of sound, as wav2vec 2.0, HuBERT and WavLM do."""
    return bool(getattr(config, "conv_kernel", None) and getattr(config, "conv_stride", None))


def _load_ears(spec: ModelSpec, folder: Path) -> Any:
    """What scales samples for the model."""
    kind: Any = transformers.AutoFeatureExtractor
    try:
        return kind.from_pretrained(folder, trust_remote_code=spec.trust_remote_code)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError(
            f"model {spec.name}: source: its feature extractor cannot be loaded: {_first_line(error)}"
        ) from error


def _load_tokenizer(spec: ModelSpec, folder: Path) -> Any:
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=spec.trust_remote_code)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise InputError(
            f"model {spec.name}: source: {folder} has no tokenizer that can be loaded: {_first_line(error)}"
        ) from error


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def weights_hash(files: list[Path]) -> str:
    """SHA-256 over the weight files in order of their names: which weights a report is of."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 22):
                digest.update(chunk)
    return digest.hexdigest()


def _longest_input(model: Any) -> int | None:
    """Tokens the architecture takes; None where nothing limits it. A tokenizer's own setting does not count."""
    config = model.config.get_text_config()
    limit = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    if not isinstance(limit, int) or limit <= 0:
        return None
    for name, module in model.named_modules():
        # RoBERTa counts positions from its padding index up.
        if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
            return limit - int(module.padding_idx) - 1
    return limit
