"""Labels of heads by columns that no file has: what a classifier says of documents, and the turns
of conversations. Counted by hand over the model's own eager attention."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError
from tests.fixtures.chat_models import save_chatty
from tests.fixtures.reports import build
from tests.fixtures.text_models import save_classifier
from tests.fixtures.truth import eager_attention

TEXTS = [
    "the cat sat on a mat", "and dog ran", "rain fell over hills", "a dog sat", "cat cat cat",
    "the hills ran over the rain and the mat",
]  # fmt: skip


def precisions(folder, label):
    """Of every head, by layer and head, in the report."""
    heads = attnviz.open_report(folder).manifest.models[0].heads
    return [of.precision for head in heads for of in head.label_figures if of.label == label]


def logits_of(folder):
    """The model, and what it says of the texts, (texts, classes)."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        texts = [tokenizer(text, return_tensors="pt") for text in TEXTS]
        return model, torch.cat([model(**text).logits for text in texts])


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A model that calls half of the texts good."""
    folder = save_classifier(tmp_path_factory.mktemp("classifier"))
    model, logits = logits_of(folder)
    model.classifier.bias.data[1] -= (logits[:, 1] - logits[:, 0]).sort().values[2:4].mean()
    model.save_pretrained(folder)
    return folder


def corpus_of(folder, documents, label):
    return {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": [documents],
        "maps": {"methods": []},
        "probes": False,
        "head_labels": [label | {"name": "mine", "sinks": True}],
    }


def test_a_label_may_ask_what_a_classifier_says(classifier, tmp_path):
    model, logits = logits_of(classifier)
    verdicts = [model.config.id2label[number] for number in logits.argmax(-1).tolist()]
    assert verdicts.count("good") == 3
    label = {"documents": {"prediction": "good"}, "offset": -1}
    build(corpus_of(classifier, {"text": TEXTS}, label), tmp_path)
    held = total = 0.0
    for verdict, layers in zip(verdicts, eager_attention(classifier, TEXTS), strict=True):
        attention = np.concatenate([np.asarray(layer, np.float64) for layer in layers])
        total += attention.sum((1, 2))
        held += (verdict == "good") * np.trace(attention, -1, 1, 2)
    assert precisions(tmp_path, "mine") == pytest.approx((held / total).tolist(), abs=2e-5)


def test_predictions_that_there_are_not_are_refused(tmp_path, classifier):
    for column, reason in {
        "prediction": "no model here is a classifier",
        "prediction · other": "no model here is a classifier",
    }.items():
        label = {"documents": {column: "good"}, "offset": -1}
        corpus = corpus_of(save_chatty(tmp_path / "chatty"), {"text": ["a"]}, label)
        with pytest.raises(InputError) as raised:
            build(corpus, tmp_path / "report")
        assert f"head_labels[0].documents: no document has the label “{column}”" in str(
            raised.value
        )
        assert reason in str(raised.value)
    label = {"documents": {"prediction · other": "good"}, "offset": -1}
    with pytest.raises(InputError, match="“prediction · other”; expected prediction"):
        build(corpus_of(classifier, {"text": TEXTS[:1]}, label), tmp_path / "report")


def test_a_label_may_ask_for_turns_of_a_conversation(tmp_path):
    chatty = save_chatty(tmp_path / "chatty")
    messages = [{"role": "user", "content": "hi you"}, {"role": "bot", "content": "so"}]
    label = {"query": {"turn": "2 bot"}, "key": {"turn": "1 user"}}
    build(corpus_of(chatty, {"messages": [messages]}, label), tmp_path / "report")
    tokenizer = transformers.AutoTokenizer.from_pretrained(chatty)
    ids = tokenizer.apply_chat_template(messages, return_tensors="pt", return_dict=False)
    pieces = [tokenizer.decode([number]) for number in ids[0].tolist()]
    text = "".join(pieces)
    starts = np.cumsum([0, *(len(piece) for piece in pieces[:-1])])
    users, bots = (
        (starts >= text.index(words)) & (starts < text.index(words) + len(words))
        for words in ("hi you", "so")
    )
    model = transformers.AutoModel.from_pretrained(chatty, attn_implementation="eager").eval()
    with torch.inference_mode():
        attention = model(ids, output_attentions=True).attentions[0][0].double().numpy()
    held = attention[:, bots][..., users].sum((1, 2)) / attention.sum((1, 2))
    assert precisions(tmp_path / "report", "mine") == pytest.approx(held.tolist(), abs=2e-5)
    assert min(held) > 0.001
