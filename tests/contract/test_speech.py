"""Models that hear and write: attention of the encoder, the decoder and between them is the model's
own for that recording alone, also of a text that it writes itself."""

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.reader.check import check
from tests.fixtures.audio_models import RATE, noise, save_audio_model, save_wav
from tests.fixtures.speech_models import SPEAKING, save_whisper

TEXT = {"Whisper": "hello", "Moonshine": "dog ran to old red", "Speech2Text": "dog ran to old red"}
FRAME = {"Whisper": 0.02, "Moonshine": 0.024, "Speech2Text": 0.04}


@pytest.fixture
def build(tmp_path):
    """`build(model's folder, *entries of documents, **what is said of the model)`: the report."""

    def run(folder, *entries, **more):
        corpus = {
            "models": [{"name": "tiny", "source": str(folder)} | more],
            "documents": list(entries),
            "maps": {"methods": ["pca"]},
        }
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


def heard(folder, samples):
    """What the model's own feature extractor makes of a recording."""
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    inputs = extractor(samples / 32768, sampling_rate=RATE, return_tensors="pt")
    name = extractor.model_input_names[0]
    return {name: inputs[name]}


def assert_equal(report, folder, document, inputs, decoder):
    """All three stacks are the model's own eager attention."""
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        output = model(**inputs, decoder_input_ids=decoder, output_attentions=True, use_cache=False)
    stacks = {
        "encoder": output.encoder_attentions, "decoder": output.decoder_attentions,
        "cross": output.cross_attentions,
    }  # fmt: skip
    assert {stack.name: stack.layers for stack in report.manifest.models[0].stacks} == {
        "encoder": 2, "decoder": 3, "cross": 3,
    }  # fmt: skip
    for stack, layers in stacks.items():
        assert max(float(weights.max(-1).values.mean()) for weights in layers) > 0.15
        for layer, weights in enumerate(layers):
            for head in range(4):
                ours = report.attention(layer, head, document, stack=stack)
                assert ours.shape == weights[0, head].shape
                assert np.abs(ours - weights[0, head].numpy()).max() < 0.02


@pytest.mark.parametrize("kind", SPEAKING)
def test_attention_to_a_recording_and_its_text_is_the_model_s_own(build, tmp_path, kind):
    folder = SPEAKING[kind](tmp_path / "model")
    recordings = [noise(seconds, seed=seed) for seed, seconds in enumerate((0.7, 0.9))]
    files = [str(save_wav(tmp_path / f"{n}.wav", each)) for n, each in enumerate(recordings)]
    language = {"source_lang": "de"} if kind == "Whisper" else {}
    report = build(folder, {"audio": files, "text": [TEXT[kind], TEXT[kind][:3]]}, **language)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for number, samples in enumerate(recordings):
        text = TEXT[kind][: None if number == 0 else 3]
        if kind == "Whisper":
            tokenizer.set_prefix_tokens(language="de", task="transcribe")
            decoder = tokenizer(text, return_tensors="pt").input_ids[:, :-1]
        else:
            labels = tokenizer(text, return_tensors="pt").input_ids
            start = transformers.AutoConfig.from_pretrained(folder).decoder_start_token_id
            decoder = labels[:, :-1]
            if labels[0, 0] != start:
                decoder = torch.cat([torch.tensor([[start]]), decoder], 1)
        axes = report.documents[number].axes
        assert axes["target"].ids.tolist() == decoder[0].tolist()
        begins = np.arange(len(axes["audio"])) * FRAME[kind]
        assert list(axes["audio"].texts) == [f"{second:.2f} s" for second in begins]
        assert_equal(report, folder, number, heard(folder, samples), decoder)
    assert check(report.folder) == []


def test_whisper_s_prompt_says_the_language_and_the_task(build, tmp_path):
    folder = save_whisper(tmp_path / "model")
    file = str(save_wav(tmp_path / "talk.wav", noise(0.5)))
    report = build(folder, {"audio": file, "text": ["hi"]}, source_lang="de", target_lang="en")
    target = report.documents[0].axes["target"]
    prompt = ["<|startoftranscript|>", "<|de|>", "<|translate|>", "<|notimestamps|>"]
    assert list(target.texts) == [*prompt, "h", "i"]
    assert target.special.tolist() == [True] * 4 + [False] * 2


def test_whisper_hears_silence_after_a_recording(build, tmp_path):
    """It is shown, as what the model is given, and told apart."""
    folder = save_whisper(tmp_path / "model")
    file = str(save_wav(tmp_path / "talk.wav", noise(0.5)))
    report = build(folder, {"audio": file, "text": ["hi"]}, source_lang="de")
    frames = report.documents[0].axes["audio"]
    assert frames.special.tolist() == [False] * 25 + [True] * 25
    assert frames.texts[49] == "0.98 s"


def test_a_recording_longer_than_whisper_hears_is_cut_and_said(build, tmp_path):
    folder = save_whisper(tmp_path / "model")
    samples = noise(1.5)
    file = str(save_wav(tmp_path / "talk.wav", samples))
    report = build(folder, {"audio": file, "text": ["hi"]}, source_lang="de")
    assert [notice.message for notice in report.manifest.notices] == [
        "“talk” has 75 frames; tiny takes 50: the last 25 were left out"
    ]
    ids = torch.from_numpy(report.documents[0].axes["target"].ids.astype(np.int64))[None]
    assert_equal(report, folder, 0, heard(folder, samples[:RATE]), ids)


@pytest.mark.parametrize("language", ["de", None])
def test_whisper_writes_what_it_hears(build, tmp_path, language):
    """As its own `generate` does, the language detected where it is not said."""
    folder = save_whisper(tmp_path / "model")
    samples = noise(0.6)
    entry = {"audio": str(save_wav(tmp_path / "a.wav", samples)), "generate": {"max_new_tokens": 6}}
    report = build(folder, entry, **({} if language is None else {"source_lang": language}))
    model = transformers.WhisperForConditionalGeneration.from_pretrained(folder).eval()
    inputs = heard(folder, samples)
    settings = {"language": language} if language else {}
    output = model.generate(
        **inputs, **settings, task="transcribe", max_new_tokens=6, num_beams=1, do_sample=False,
        return_dict_in_generate=True,
    )  # fmt: skip
    ids = report.documents[0].axes["target"].ids.tolist()
    assert ids == output["sequences"][0].tolist()
    assert_equal(report, folder, 0, inputs, torch.tensor([ids]))


def test_a_whisper_of_english_alone_has_no_language_to_tell(build, tmp_path):
    folder = save_whisper(tmp_path / "model", many_languages=False)
    file = str(save_wav(tmp_path / "talk.wav", noise(0.5)))
    entry = {"audio": file, "text": ["hi"]}
    target = build(folder, entry).documents[0].axes["target"]
    assert list(target.texts) == ["<|startoftranscript|>", "<|notimestamps|>", "h", "i"]
    with pytest.raises(attnviz.InputError, match="its tokenizer has no codes of languages"):
        build(folder, entry, source_lang="de")


REFUSED = {
    "no language": ({}, ["hi"], "has no source_lang, and the model is told the language"),
    "no such language": ({"source_lang": "xx"}, ["hi"], "the model has no code xx"),
    "no such translation": (
        {"source_lang": "de", "target_lang": "fr"}, ["hi"],
        "target_lang: fr: it writes what it hears in the language that it hears, or in English",
    ),
    "too many texts": ({"source_lang": "de"}, ["hi", "ho"], "has 2 texts for 1 recordings"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_whisper_is_not_told_is_asked_for(build, tmp_path, case):
    more, texts, message = REFUSED[case]
    file = str(save_wav(tmp_path / "talk.wav", noise(0.5)))
    with pytest.raises(attnviz.InputError, match=message):
        build(save_whisper(tmp_path / "model"), {"audio": file, "text": texts}, **more)


def test_a_probe_of_whisper(attnviz_command, tmp_path):
    code, out, _ = attnviz_command("probe", save_whisper(tmp_path))
    assert code == 0
    assert "takes recordings, and writes what is said in them" in out
    assert all(stack in out for stack in ("encoder", "decoder", "cross"))
    assert "everything is captured" in out


def test_what_only_hears_shares_a_recording_with_what_writes(tmp_path):
    """One document as the one hears it, another as the other writes it."""
    models = [
        {"name": "hears", "source": str(save_audio_model("Wav2Vec2", tmp_path / "hears"))},
        {"name": "writes", "source": str(save_whisper(tmp_path / "writes"))},
    ]
    file = str(save_wav(tmp_path / "talk.wav", noise(0.5)))
    corpus = {
        "models": models,
        "documents": [{"audio": file, "generate": {"max_new_tokens": 3}}],
        "maps": {"methods": ["pca"]},
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    axes = [
        [
            sorted(name for name, tokens in document.axes.items() if len(tokens))
            for document in report.documents_of(model.name)
        ]
        for model in report.manifest.models
    ]
    assert axes == [[["audio"], []], [[], ["audio", "target"]]]


def test_generate_without_a_model_that_writes_is_refused(build, tmp_path):
    file = str(save_wav(tmp_path / "talk.wav", noise(0.5)))
    folder = save_audio_model("Wav2Vec2", tmp_path / "model")
    message = r"documents\[0\]\.audio: no model of the corpus generates .*“talk”; expected a model"
    with pytest.raises(attnviz.InputError, match=message):
        build(folder, {"audio": file, "generate": {}})
