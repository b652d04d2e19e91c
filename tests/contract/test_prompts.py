"""Prompts that the models complete by themselves, against transformers' own generation and eager
attention."""

import json
import shutil

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError
from attnviz.resolution import generation
from tests.fixtures import text_models

PROMPTS = ["the cat sat on", "rain"]
NEAR = {"total_variation": 1e-4, "max_error": 1e-4}


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    return text_models.save_gpt2(tmp_path_factory.mktemp("gpt2"))


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """`build({name: folder}, documents, cache=…)`: the report of these models."""

    def run(models, *documents, cache=None):
        corpus = {
            "models": [{"name": name, "source": str(folder)} for name, folder in models.items()],
            "documents": list(documents),
            "fidelity": NEAR,
        }
        cache = cache or tmp_path_factory.mktemp("cache")
        return attnviz.build(corpus, out=tmp_path_factory.mktemp("report"), cache=cache)

    return run


def generated(folder, prompt, new, **options):
    """Token ids of a prompt and what transformers makes of it."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    torch.manual_seed(options.pop("seed", 0))
    return model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=new, **options)[
        0
    ].tolist()


def test_a_completion_is_greedy_unless_told_otherwise(build, gpt2):
    report = build({"gpt2": gpt2}, {"prompts": PROMPTS, "generate": {"max_new_tokens": 12}})
    tokenizer = transformers.AutoTokenizer.from_pretrained(gpt2)
    for document, prompt in zip(report.documents, PROMPTS, strict=True):
        ids = generated(gpt2, prompt, 12, do_sample=False)
        assert document.token_ids.tolist() == ids
        assert document.text == tokenizer.decode(ids, skip_special_tokens=True)
        tokens = document.axes["text"]
        words = len(prompt.split())
        assert tokens.segment.tolist() == [0] * words + [1] * (len(ids) - words)
        texts = [
            document.text[a:b] for a, b in zip(tokens.start, tokens.end, strict=True) if a >= 0
        ]
        assert texts == document.text.split()
    assert report.manifest.provenance.sources[0].documents == 2


def test_texts_that_are_stopped_are_named(build, gpt2, tmp_path):
    tokenizer = transformers.AutoTokenizer.from_pretrained(gpt2)
    report = build({"gpt2": gpt2}, {"prompts": PROMPTS, "generate": {"max_new_tokens": 12}})
    (notice,) = [n.message for n in report.manifest.notices if n.kind == "stopped"]
    of_first, of_second = (
        len(generated(gpt2, prompt, 12, do_sample=False)) - len(tokenizer(prompt).input_ids)
        for prompt in PROMPTS
    )
    assert (of_first < 12, of_second) == (True, 12), "the first ends by itself"
    assert "“rain” ends where it was stopped, after 12 tokens" in notice
    # The third token that it writes is made the one that ends a text.
    end = generated(gpt2, PROMPTS[1], 12, do_sample=False)[len(tokenizer(PROMPTS[1]).input_ids) + 2]
    shutil.copytree(gpt2, tmp_path / "ends")
    for name in ("config.json", "generation_config.json"):
        settings = json.loads((tmp_path / "ends" / name).read_text())
        (tmp_path / "ends" / name).write_text(json.dumps(settings | {"eos_token_id": end}))
    report = build(
        {"gpt2": tmp_path / "ends"}, {"prompts": PROMPTS[1:], "generate": {"max_new_tokens": 12}}
    )
    assert report.documents[0].token_ids[-1] == end
    assert not [n for n in report.manifest.notices if n.kind == "stopped"]


def test_attention_is_over_prompt_and_completion(build, gpt2):
    report = build({"gpt2": gpt2}, {"prompts": PROMPTS, "generate": {"max_new_tokens": 12}})
    model = transformers.AutoModel.from_pretrained(gpt2, attn_implementation="eager").eval()
    for number, document in enumerate(report.documents):
        with torch.inference_mode():
            truth = model(
                torch.tensor([document.token_ids.tolist()]), output_attentions=True
            ).attentions
        for layer, head in np.ndindex(2, 4):
            attention = report.attention(layer, head, number)
            assert np.abs(attention - truth[layer][0, head].numpy()).max() < 1e-4


def test_a_template_stands_around_each_prompt(build, gpt2):
    entry = {
        "prompts": [{"text": "cat", "title": "A {prompt}"}, "house"],
        "template": "the {prompt} ran to</s>",
        "generate": {"max_new_tokens": 4},
    }
    report = build({"gpt2": gpt2}, entry)
    assert [document.title for document in report.documents] == ["A {prompt}", "house"]
    for document, noun in zip(report.documents, ("cat", "house"), strict=True):
        filled = f"the {noun} ran to</s>"
        assert document.text.startswith(filled)
        assert document.token_ids.tolist() == generated(gpt2, filled, 4, do_sample=False)
        assert list(document.axes["text"].segment) == [0] * 5 + [1] * 4


def test_what_is_drawn_follows_its_seed(build, gpt2):
    def drawn(seed):
        options = {"max_new_tokens": 20, "temperature": 1.5, "seed": seed}
        return (
            build({"gpt2": gpt2}, {"prompts": PROMPTS, "generate": options})
            .documents[0]
            .token_ids.tolist()
        )

    first = drawn(1)
    assert first == drawn(1)
    assert first != drawn(2)
    assert first == generated(
        gpt2, PROMPTS[0], 20, do_sample=True, temperature=1.5, top_k=0, seed=1
    )


def test_each_decoder_completes_for_itself_and_encoders_keep_out(build, gpt2, tmp_path):
    models = {"one": gpt2, "two": gpt2, "bert": text_models.save_bert(tmp_path)}
    documents = ({"prompts": PROMPTS[:1], "generate": {"max_new_tokens": 3}}, {"text": ["the cat"]})
    report = build(models, *documents)
    titles = [document.title for document in report.documents]
    assert titles == ["the cat sat on · one", "the cat sat on · two", "the cat"]
    assert {notice.kind for notice in report.manifest.notices} == {"stopped"}
    lengths = {name: [len(d.tokens) for d in report.documents_of(name)] for name in models}
    assert lengths == {"one": [7, 0, 2], "two": [0, 7, 2], "bert": [0, 0, 4]}


def test_completions_are_remembered(build, gpt2, tmp_path, monkeypatch):
    documents = {"prompts": PROMPTS, "generate": {"max_new_tokens": 4}}
    first = build({"gpt2": gpt2}, documents, cache=tmp_path)
    monkeypatch.setattr(
        generation, "load_writer", lambda *_: pytest.fail("a completion was made again")
    )
    second = build({"gpt2": gpt2}, documents, cache=tmp_path)
    assert [d.text for d in first.documents] == [d.text for d in second.documents]
    assert first.manifest.shards == second.manifest.shards


def test_a_generation_longer_than_the_context(build, gpt2):
    with pytest.raises(InputError) as caught:
        build(
            {"gpt2": gpt2},
            {"prompts": PROMPTS, "generate": {"max_new_tokens": 39}},
            {"prompts": ["the cat " * 30], "generate": {"max_new_tokens": 1}},
        )
    long = "the cat the cat the cat the cat the cat the cat the cat the …"
    key = "generate.max_new_tokens"
    assert caught.value.problems == [
        (
            f"report: documents[0].{key}: 39 tokens do not fit after 4 of “the cat sat on”: gpt2"
            " takes 40; expected at most 36"
        ),
        (
            f"report: documents[1].{key}: 1 tokens do not fit after 60 of “{long}”: gpt2 takes 40; "
            "expected a shorter prompt"
        ),
    ]


def test_a_temperature_that_is_next_to_nothing(build, gpt2):
    options = {"max_new_tokens": 3, "temperature": 1e-300}
    with pytest.raises(
        InputError, match=r"probabilities that are not numbers: the temperature is too small"
    ):
        build({"gpt2": gpt2}, {"prompts": PROMPTS, "generate": options})


def test_a_model_without_its_head_does_not_make_words_up(build, tmp_path):
    folder = text_models.save_gpt2(tmp_path / "gpt2", head=False)
    with pytest.raises(
        InputError, match=r"has no weights for lm_head.weight, so it cannot generate text"
    ):
        build({"gpt2": folder}, {"prompts": PROMPTS, "generate": {"max_new_tokens": 4}})


def test_nobody_to_complete(build, tmp_path):
    with pytest.raises(
        InputError, match=r"documents\[0\].prompts: no model of the corpus .* expected a decoder"
    ):
        build({"bert": text_models.save_bert(tmp_path)}, {"prompts": PROMPTS})
