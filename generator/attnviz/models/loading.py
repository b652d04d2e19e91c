"""From the corpus's words to a model: looked at without its weights, loaded, with its head for next
tokens."""

from __future__ import annotations

import gc
import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
import transformers

from attnviz.architectures.recognising import reads_recordings, writes_what_it_hears
from attnviz.config import ModelSpec
from attnviz.config.folders import no_model
from attnviz.config.regular_files import read_json
from attnviz.errors import InputError
from attnviz.models.adapter import find_adapter, merge_adapter
from attnviz.models.files import refuse_damaged_files, refuse_too_deep, refuse_too_large
from attnviz.models.fit import Misfit, misfit_of, unused_notices
from attnviz.models.folder import locate, refuse_pointers, refuse_prefix, weight_files, weights_hash
from attnviz.models.foreign import foreign_work
from attnviz.models.hub import Note
from attnviz.models.lengths import longest_input, longest_target
from attnviz.models.loaded import LoadedModel, Origin
from attnviz.models.parts import leave_out, model_class, refuse_unknown
from attnviz.models.processors import TOKENIZER_FILES, load_processor, load_tokenizer
from attnviz.models.quantized import quantization_of, refuse_unsaid


def load_model(spec: ModelSpec, note: Note = lambda message: None) -> LoadedModel:
    """Load a model with its tokenizer or image processor. Raises InputError if the folder holds no
    such model. `note` takes what is to be said while the hub is awaited."""
    return load_weights(look_at(spec, note), spec)


def look_at(spec: ModelSpec, note: Note = lambda message: None) -> LoadedModel:
    """All of a model but its weights: its modules have shapes and take no memory. Raises InputError
    as `load_model` does."""
    folder = locate(spec, note)
    with foreign_work(f"model {spec.name}: source: {folder} cannot be used", _EXPECTED):
        return _look_at(spec, folder, note)


def _look_at(spec: ModelSpec, folder: Path, note: Note) -> LoadedModel:
    if not (folder / "config.json").is_file():
        raise InputError(f"model {spec.name}: source: {folder} {no_model(folder, spec.source)}")
    refuse_pointers(spec, folder)
    refuse_damaged_files(spec, folder)
    config = _load_config(spec, folder)
    left_out = leave_out(config)
    quantization = quantization_of(spec, config)
    refuse_unknown(spec, config)
    weights = weight_files(spec, folder)
    refuse_prefix(spec, weights)
    if quantization is None:
        refuse_unsaid(spec, weights)
    refuse_too_deep(spec, config, weights)
    processor = load_processor(spec, folder, config)
    has_tokenizer = any((folder / name).is_file() for name in TOKENIZER_FILES)
    only_hears = reads_recordings(config) and not writes_what_it_hears(config)
    without_texts = only_hears or (processor is not None and not has_tokenizer)
    tokenizer = None if without_texts else load_tokenizer(spec, folder, config)
    model = _skeleton(spec, config)
    refuse_too_large(spec, model)
    limit, notices = longest_input(spec, model)
    return LoadedModel(
        name=spec.name,
        title=spec.title,
        source=spec.source,
        revision=spec.revision,
        weights_sha256=weights_hash(spec, weights),
        model=model,
        tokenizer=tokenizer,
        limit=limit,
        processor=processor,
        left_out=left_out,
        strip_prefix=spec.strip_prefix,
        notices=notices,
        adapter=find_adapter(spec, folder, note),
        quantization=quantization,
        languages=(spec.source_lang, spec.target_lang),
        decoder_limit=longest_target(spec, model),
        generation=_generation(folder),
        origin=Origin(spec, weights=False),
    )


def _generation(folder: Path) -> dict[str, Any]:
    """What a folder's generation_config.json says; nothing where there is none."""
    file = folder / "generation_config.json"
    content = read_json(file)[0] if file.is_file() else {}
    return content if isinstance(content, dict) else {}


def load_writer(skeleton: LoadedModel, spec: ModelSpec, head: str) -> tuple[Any, Misfit | None]:
    """The model of what `look_at` gave with its head for next tokens, to generate with, by the
    class of transformers that is called `head`; and the weights of it that are not the folder's.

    Raises InputError if the folder's weights have no such head.
    """
    folder = locate(spec)
    kind = getattr(transformers, head)
    with foreign_work(f"model {spec.name}: source: {folder} cannot generate", _EXPECTED):
        return _writer(skeleton, spec, folder, kind)


def _writer(
    skeleton: LoadedModel, spec: ModelSpec, folder: Path, kind: Any
) -> tuple[Any, Misfit | None]:
    model, report = _from_pretrained(spec, folder, _load_config(spec, folder), kind)
    missing, within = sorted(report["missing_keys"]), f"{model.base_model_prefix}."
    if missing and not any(name.startswith(within) for name in missing):
        raise InputError(
            f"model {spec.name}: source: {folder} has no weights for {missing[0]},"
            " so it cannot generate text; expected a model saved with its language-modelling head,"
            " or no prompts for it"
        )
    misfit = misfit_of(spec, folder, model, report)
    return _ready_model(spec, _adapted(skeleton, spec, model)), misfit


def load_classifier(skeleton: LoadedModel, spec: ModelSpec, head: str) -> Any | None:
    """The model of what `look_at` gave with the head that classifies, by the class of transformers
    that is called `head`; None if the folder's weights have no such head."""
    folder = locate(spec)
    kind = getattr(transformers, head)
    with foreign_work(f"model {spec.name}: source: {folder} cannot classify", _EXPECTED):
        model, report = _from_pretrained(spec, folder, _load_config(spec, folder), kind)
        within = f"{model.base_model_prefix}."
        if any(not name.startswith(within) for name in report["missing_keys"]):
            return None
        return _ready_model(spec, _adapted(skeleton, spec, model))


def load_weights(skeleton: LoadedModel, spec: ModelSpec) -> LoadedModel:
    """The model ready to run, of what `look_at` gave. Raises InputError if weights of its layers
    are missing, or have other shapes; of others that are, attention may yet depend on them."""
    config, folder = skeleton.model.config, locate(spec)
    with foreign_work(f"model {spec.name}: source: {folder} cannot be used", _EXPECTED):
        model, report = _from_pretrained(spec, folder, config, model_class(config))
        misfit = misfit_of(spec, folder, model, report)
        notices = skeleton.notices + unused_notices(spec, model, report, skeleton.left_out)
        if skeleton.quantization is not None:
            model = _in_one_dtype(spec, model)
        model = _ready_model(spec, _adapted(skeleton, spec, model))
    origin = Origin(spec, weights=True)
    return replace(skeleton, model=model, notices=notices, misfit=misfit, origin=origin)


def _in_one_dtype(spec: ModelSpec, model: Any) -> Any:
    """A quantised model whose weights were unpacked, in the number type that it is to run in:
    transformers leaves what it unpacks in another one than the rest."""
    if getattr(model, "hf_quantizer", None) is not None:
        return model
    return model.to(_DTYPES.get(spec.dtype, model.config.dtype or torch.float32))


def _adapted(skeleton: LoadedModel, spec: ModelSpec, model: Any) -> Any:
    """The model with its adapter merged into it, where it has one."""
    return model if skeleton.adapter is None else merge_adapter(spec, skeleton.adapter, model)


def release_memory() -> None:
    """Give back the memory of models that nothing refers to any more: their modules refer to each
    other, so that only the collector frees them."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _skeleton(spec: ModelSpec, config: Any) -> Any:
    """The model without its weights, or, where its own code needs them to be there, with them."""
    kind = model_class(config)
    options = {"trust_remote_code": True} if spec.trust_remote_code else {}
    make = kind.from_config if hasattr(kind, "from_config") else kind._from_config
    start = f"model {spec.name}: source: its config.json describes no {kind.__name__} there can be"
    try:
        with foreign_work(start, _EXPECTED), torch.device("meta"):
            return make(config, **options)
    except Exception:  # anything that code of its own may raise
        if not spec.trust_remote_code:
            raise
        return _from_pretrained(spec, locate(spec), config, kind)[0]


def _from_pretrained(
    spec: ModelSpec, folder: Path, config: Any, kind: Any
) -> tuple[Any, dict[str, Any]]:
    """The model, and what transformers says of its weights: which were missing, unexpected, of
    another shape."""
    options: dict[str, Any] = {}
    if spec.strip_prefix is not None:
        options["key_mapping"] = {f"^{re.escape(spec.strip_prefix)}": ""}
    if spec.device_map == "auto":
        if importlib.util.find_spec("accelerate") is None:
            raise InputError(
                f"model {spec.name}: device_map: spreading a model over devices needs accelerate,"
                " which is not installed; pip install 'attnviz[large]', or leave device_map out"
            )
        options["device_map"] = "auto"
    start = f"model {spec.name}: source: transformers cannot load {folder}"
    with foreign_work(start, _EXPECTED):
        loaded: tuple[Any, dict[str, Any]] = kind.from_pretrained(
            folder,
            config=config,
            dtype=_DTYPES.get(spec.dtype, "auto"),
            trust_remote_code=spec.trust_remote_code,
            use_safetensors=None if spec.allow_pickle else True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported instead, with both shapes
            adapter_kwargs={"subfolder": _NOWHERE},
            **options,
        )
    return loaded


_EXPECTED: Final = "expected a model's files as save_pretrained writes them: copy them again"
_NOWHERE: Final = "no-adapter"
"""A folder that is not there, in which transformers finds no adapter: it would put its parts beside
the model's, and only where peft is installed."""


def _ready_model(spec: ModelSpec, model: Any) -> Any:
    """In evaluation mode, on its device."""
    model.eval()
    device = pick_device(spec)
    if spec.device_map == "auto" or getattr(model, "hf_quantizer", None) is not None:
        return model  # transformers has put it in its place
    with foreign_work(f"model {spec.name}: cannot be put on {device}", _EXPECTED):
        return model.to(device)


_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def pick_device(spec: ModelSpec) -> str:
    """The device the corpus asks for; `auto` takes the best there is. InputError where it is not
    there."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if spec.device == "auto":
        return next(name for name, present in there.items() if present)
    if not there[spec.device.split(":")[0]]:
        raise InputError(
            f"model {spec.name}: device: this machine has no {spec.device}; expected auto or cpu"
        )
    return spec.device


def _load_config(spec: ModelSpec, folder: Path) -> Any:
    start = f"model {spec.name}: source: {folder} is not a model that transformers knows"
    try:
        with foreign_work(start, _EXPECTED):
            config = transformers.AutoConfig.from_pretrained(
                folder, trust_remote_code=spec.trust_remote_code
            )
            config.to_dict()
    except InputError as error:
        if "trust_remote_code" not in str(error.__cause__):
            raise
        raise InputError(
            f"{start}: it brings code of its own; set trust_remote_code: true in the corpus if you"
            " trust its author"
        ) from error
    _forget_attention(config)
    return config


def _forget_attention(config: Any) -> None:
    """Leave out which implementation of attention a model was saved with: attention is captured
    anyway, and the implementation may not be installed here."""
    config._attn_implementation_internal = None
    for name in getattr(config, "sub_configs", {}):
        if getattr(config, name, None) is not None:
            _forget_attention(getattr(config, name))
