"""What scores are made of: held against the model's own eager attention, and against singular
values of whole matrices of products."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import transformers

import attnviz
import attnviz.writer.layer_components as written
from attnviz.audit.audit import audit
from attnviz.config import parse_config
from attnviz.forecast import forecast
from tests.fixtures.chat_models import save_chatty
from tests.fixtures.models import save_model, save_tokenizer, sentences
from tests.fixtures.reports import build

TEXTS = sentences(4, (9, 8, 14))
RANK = 3


def report_of(folder, where, **more):
    corpus = {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": [{"text": TEXTS}],
        "maps": {"methods": []},
        "probes": False,
        "components": {"rank": RANK},
    }
    build(corpus | more, where)
    return attnviz.open_report(where)


def eager(folder, text):
    """The attention of each layer, (heads, T, T) float64, and the sinks, as transformers has
    them."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    inputs = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        layers = model(**inputs, output_attentions=True).attentions
    return [layer[0].double().numpy() for layer in layers]


def bars(report, layer, head, document, allowed, **more):
    """The parts of the scores of all pairs of a document: by name and number (T, K), NaN where
    there is none."""
    parts = {}
    for query, key in np.argwhere(allowed):
        table = report.score_bars(layer, head, document, int(query), int(key), **more)
        for part, number, value in zip(*table.to_pydict().values(), strict=True):
            name = part if number is None else f"{part} {number}"
            parts.setdefault(name, np.full(allowed.shape, np.nan))[query, key] = value
    return parts


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """`of(family)`: the model's folder and its report, built once."""
    made = {}

    def make(family):
        if family not in made:
            where = tmp_path_factory.mktemp(family)
            save_model(family, where / "model")
            made[family] = where / "model", report_of(where / "model", where / "report")
        return made[family]

    return make


ALWAYS = ["component 1", "component 2", "component 3", "rest", "key", "query", "constant"]


@pytest.mark.parametrize(
    ("family", "more"),
    [
        ("gpt2", []),
        ("bert", []),
        ("bloom", ["bias"]),
        ("llama", ["rotary"]),
        ("gemma2", ["rotary", "soft cap"]),
        ("gpt_oss", ["rotary"]),
        ("llama4", []),
    ],
)
def test_bars_sum_to_the_score_of_the_models_own_attention(of, family, more):
    folder, report = of(family)
    for layer, head in ((0, 0), (1, 3)):
        own = eager(folder, TEXTS[0])[layer][head]
        parts = bars(report, layer, head, 0, own > 0)
        assert list(parts) == ALWAYS + more
        score = sum(parts.values())
        # Attention is exp(score − lse): the logarithm of it is the score but for a number by row.
        # A sink is one more entry of the row.
        entry = report.manifest.models[0].heads[4 * layer + head]
        sink = -np.inf if entry.sink is None else entry.sink
        rows = np.nan_to_num(score, nan=-np.inf)
        lse = np.logaddexp(np.logaddexp.reduce(rows, 1), sink)
        with np.errstate(divide="ignore"):
            off = (score - lse[:, None] - np.log(own))[own > 0]
        assert np.abs(off).max() < 1e-5


def test_bars_of_relative_distances_sum_to_scores_across_stacks(tmp_path):
    folder = save_model("t5", tmp_path / "model")
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(0.5)  # T5 does not scale its products: less is lost to float32 so
    model.save_pretrained(folder)
    documents = [{"translate": [{"source": TEXTS[0], "target": TEXTS[1]}]}]
    report = report_of(folder, tmp_path / "report", documents=documents)
    axes = report.documents[0].axes
    source, target = (torch.tensor([axes[name].ids.tolist()]) for name in ("source", "target"))
    with torch.inference_mode():
        out = model(input_ids=source, decoder_input_ids=target, output_attentions=True)
    stacks = {
        "encoder": out.encoder_attentions,
        "decoder": out.decoder_attentions,
        "cross": out.cross_attentions,
    }
    for stack, layers in stacks.items():
        own = layers[1][0, 1].double().numpy()
        parts = bars(report, 1, 1, 0, own > 0, stack=stack)
        # Cross-attention has no bias by distance; the format may keep one of zeros.
        assert set(parts) - {"bias"} == set(ALWAYS)
        score = np.nan_to_num(sum(parts.values()), nan=-np.inf)
        off = score - np.logaddexp.reduce(score, 1, keepdims=True) - np.log(own + (own == 0))
        assert np.abs(off[own > 0]).max() < 1e-5


def gpt2_vectors(folder, layer, head):
    """Queries and keys (tokens, 8) of all texts, float64, by a hook on their projection."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    outputs = []
    model.h[layer].attn.c_attn.register_forward_hook(lambda m, a, out: outputs.append(out[0]))
    with torch.inference_mode():
        for text in TEXTS:
            model(**tokenizer(text, return_tensors="pt"))
    fused = torch.cat(outputs).double().numpy()
    part = slice(8 * head, 8 * head + 8)
    return fused[:, :32][:, part], fused[:, 32:64][:, part]


def test_components_are_the_singular_values_of_all_products(of):
    folder, report = of("gpt2")
    q, k = gpt2_vectors(folder, 1, 2)
    mean_query, mean_key = q.mean(0), k.mean(0)
    products = (q - mean_query) @ (k - mean_key).T  # (query, key) of all tokens of the corpus
    left, values, right = np.linalg.svd(products / 8**0.5, full_matrices=False)
    table, figures = report.components(1, 2), report.interaction(1, 2)
    strengths = values[:RANK] / len(q)
    np.testing.assert_allclose(table["deviation"], strengths, rtol=1e-5)
    np.testing.assert_allclose(table["share"], values[:RANK] ** 2 / (values**2).sum(), rtol=1e-5)
    assert table["component"].to_pylist() == [1, 2, 3]
    column = report.heads["first_component"].to_numpy()
    assert column[4 + 2] == pytest.approx((values**2)[0] / (values**2).sum(), abs=1e-6)
    assert figures["dimensions"] == 8
    np.testing.assert_allclose(figures["deviation"], products.std() / 8**0.5, rtol=1e-5)
    np.testing.assert_allclose(figures["key_deviation"], (k @ mean_query).std() / 8**0.5, rtol=1e-5)
    np.testing.assert_allclose(figures["query_deviation"], (q @ mean_key).std() / 8**0.5, rtol=1e-5)
    # Each pair's bar is its part of the singular decomposition.
    count = len(TEXTS[0].split())
    parts = bars(report, 1, 2, 0, np.tri(count) > 0)
    for number in range(RANK):
        of_pairs = values[number] * np.outer(left[:, number], right[number])
        seen = np.tri(count) > 0
        np.testing.assert_allclose(
            parts[f"component {number + 1}"][seen], of_pairs[:count, :count][seen], atol=1e-4
        )
    key = ((k - mean_key) @ mean_query / 8**0.5)[:count]
    assert np.nanmax(np.abs(parts["key"] - key)) < 1e-5


def test_tokens_are_those_that_load_in_the_mean(of):
    folder, report = of("gpt2")
    q, k = gpt2_vectors(folder, 1, 2)
    words = " ".join(TEXTS).split()
    sides = np.linalg.svd((q - q.mean(0)) @ (k - k.mean(0)).T, full_matrices=False)
    [row] = report.components(1, 2).slice(0, 1).to_pylist()
    # Loadings of unit variance, which both signs are right for as long as they are so together.
    loadings = {"query": sides[0][:, 0] * len(q) ** 0.5, "key": sides[2][0] * len(q) ** 0.5}
    signs = set()
    for side, of_tokens in loadings.items():
        means = {w: of_tokens[[w == word for word in words]].mean() for w in set(words)}
        for word, loading, count in zip(
            *(row[f"{side}_{name}"] for name in ("tokens", "loadings", "counts")), strict=True
        ):
            assert abs(loading) == pytest.approx(abs(means[word]), abs=1e-4)
            assert count == words.count(word)
            signs.add(np.sign(loading * means[word]))
        named = zip(row[f"{side}_loadings"], row[f"{side}_counts"], strict=True)
        brought = [count * x * abs(x) for x, count in named]
        above = [x for x in brought if x > 0]
        sign = signs.pop()
        signs.add(sign)
        best = max(words.count(word) * max(0, sign * mean) ** 2 for word, mean in means.items())
        assert above == sorted(above, reverse=True)
        assert above[0] == pytest.approx(best, rel=1e-3)
        assert all(x < 0 for x in brought[len(above) :])
    assert len(signs) == 1


@pytest.mark.parametrize("family", ["gemma2", "gpt_oss"])
def test_the_certificate_is_how_far_attention_is_without_the_rest(of, family):
    folder, report = of(family)
    sink = report.manifest.models[0].heads[6].sink
    off = []
    for number, text in enumerate(TEXTS):
        own = eager(folder, text)[1][2]
        parts = bars(report, 1, 2, number, own > 0)
        kept = sum(parts[name] for name in ALWAYS if name != "rest") + parts["rotary"]
        kept = 4.0 * np.tanh(kept / 4.0) if family == "gemma2" else kept
        # A sink is one more entry of each row.
        sinks = np.full((len(own), 1), -np.inf if sink is None else sink)
        kept = np.hstack([np.nan_to_num(kept, nan=-np.inf), sinks])
        attention = np.exp(kept - np.logaddexp.reduce(kept, 1, keepdims=True))
        own = np.hstack([own, 1 - own.sum(1, keepdims=True)])
        off.append(np.abs(attention - own).sum(1) / 2)
    rows, figures = np.concatenate(off), report.interaction(1, 2)
    assert figures["rows"] == len(rows)
    assert figures["total_variation"] == pytest.approx(rows.mean(), abs=1e-5)
    assert figures["total_variation_90"] == pytest.approx(np.quantile(rows, 0.9), abs=1e-5)
    assert figures["total_variation"] > 0.05
    column = report.heads["components_variation"].to_numpy()
    assert column[4 + 2] == pytest.approx(rows.mean(), abs=1e-5)


def test_heads_are_asked_for_and_sorted_by_how_far_components_tell_them(of):
    _, report = of("gemma2")
    variations = {
        (layer, head): report.interaction(layer, head)["total_variation"]
        for layer in range(2)
        for head in range(4)
    }
    most = sorted(variations.values())[3] + 1e-6
    rows = report.query(f"heads where components_variation < {most} by components_variation")
    places = list(zip(rows["layer"].to_pylist(), rows["head"].to_pylist(), strict=True))
    assert places == sorted(variations, key=variations.__getitem__)[:4]


@pytest.mark.parametrize("family", ["gemma2", "gpt_oss"])
def test_all_components_together_are_the_attention(of, tmp_path, family):
    folder, _ = of(family)
    report = report_of(folder, tmp_path / "report", components={"rank": 8}, batch_tokens=24)
    for layer in range(2):
        for head in range(4):
            assert report.interaction(layer, head)["total_variation"] < 1e-5
    rest = report.score_bars(1, 1, 2, 13, 12).to_pydict()
    assert abs(rest["value"][rest["part"].index("rest")]) < 1e-5


def test_batches_and_the_order_of_documents_do_not_count(of, tmp_path):
    folder, report = of("llama")
    other = report_of(
        folder, tmp_path / "report", batch_tokens=10, documents=[{"text": TEXTS[::-1]}]
    )
    for name in ("share", "deviation"):
        np.testing.assert_allclose(
            report.components(1, 3)[name], other.components(1, 3)[name], rtol=1e-6
        )


CLASSES = ("the cat sat on a mat".split(), "and dog ran to old red".split())


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A report of a model whose first head's queries of one class of words look for keys of
    another, wired by hand among noise; its second head is noise alone."""
    folder = tmp_path_factory.mktemp("planted")
    size = save_tokenizer(folder / "model")
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=16, n_layer=1, n_head=2, n_positions=64, bos_token_id=0,
        eos_token_id=0,
    )  # fmt: skip
    torch.manual_seed(3)
    model = transformers.GPT2Model(config).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "model")
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.05)
        for word, token in tokenizer.get_vocab().items():
            place = next((2 * n for n, words in enumerate(CLASSES) if word in words), 4)
            model.wte.weight[token, place] += 1
            model.wte.weight[token, place + 1] -= 1
        attention = model.h[0].attn.c_attn.weight  # (hidden, q | k | v)
        attention[0, 0] += 1.0  # the first head's queries of the first class
        attention[2, 16] += 1.0  # and its keys of the second
    model.save_pretrained(folder / "model")
    return report_of(
        folder / "model", folder / "report", documents=[{"text": sentences(9, (40, 50, 30))}]
    )


def test_a_planted_form_of_two_classes_is_found_and_named(planted):
    [first, second] = planted.components(0, 0).slice(0, 2).to_pylist()
    assert first["share"] > 0.95
    assert second["share"] < 0.05
    for side, words in zip(("query", "key"), CLASSES, strict=True):
        assert set(first[f"{side}_tokens"][:5]) < set(words)
        assert min(first[f"{side}_loadings"][:5]) > 1
        assert not set(first[f"{side}_tokens"][5:]) & set(words)
    assert planted.interaction(0, 0)["total_variation"] < 0.01
    noise = planted.components(0, 1).slice(0, 1).to_pylist()[0]
    assert noise["share"] < 0.9


def test_a_pair_of_the_two_classes_has_its_score_from_that_component(planted):
    words = planted.documents[0].text.split()
    query = next(n for n, word in enumerate(words) if word in CLASSES[0] and n > 20)
    key = next(n for n, word in enumerate(words) if word in CLASSES[1] and n <= query)
    table = planted.score_bars(0, 0, 0, query, key)
    parts = dict(zip(table["part"].to_pylist()[3:], table["value"].to_pylist()[3:], strict=True))
    first = table["value"][0].as_py()
    assert first > 1
    assert abs(parts["rest"]) < 0.05 * first


PARTS = {"noun": "cat mat dog red".split(), "verb": "sat ran to on".split()}
EVEN = "cat dog sat ran".split()
PART = {word: part for part, words in PARTS.items() for word in words}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """`labelled(**components)`: the report of a model whose one strong form is of even words, and
    whose weaker one raises scores of two nouns and of two verbs, on texts with these labels, of
    which every fifth word has none; and its folder and texts."""
    folder = tmp_path_factory.mktemp("labelled")
    size = save_tokenizer(folder / "model")
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=16, n_layer=1, n_head=2, n_positions=64, bos_token_id=0,
        eos_token_id=0,
    )  # fmt: skip
    torch.manual_seed(4)
    model = transformers.GPT2Model(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.05)
        for word, token in (
            transformers.AutoTokenizer.from_pretrained(folder / "model").get_vocab().items()
        ):
            for place, sign in ((0, word in EVEN), (2, word in PARTS["noun"])):
                model.wte.weight[token, place] += 1 if sign else -1
                model.wte.weight[token, place + 1] -= 1 if sign else -1
        attention = model.h[0].attn.c_attn.weight  # (hidden, q | k | v)
        for side in (0, 16):
            attention[0, side] += 1.0
            attention[2, side + 1] += 0.6
    model.save_pretrained(folder / "model")
    texts = sentences(9, (40, 50, 30), list(PART))
    rows = [
        {"text": t, "part": [PART[w] if n % 5 else None for n, w in enumerate(t.split())]}
        for t in texts
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    documents = [{"file": str(folder / "rows.jsonl"), "token_labels": ["part"]}]
    made = {}

    def make(**components):
        key = json.dumps(components)
        if key not in made:
            where = folder / f"report-{len(made)}"
            where.mkdir()
            made[key] = report_of(
                folder / "model", where, documents=documents, components=components
            )
        return made[key]

    return make, folder / "model", texts


def products_of(folder, texts, head):
    """Centred queries and keys (tokens, 8) of a head, and their labels, of all texts."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    outputs = []
    model.h[0].attn.c_attn.register_forward_hook(lambda m, a, out: outputs.append(out[0]))
    with torch.inference_mode():
        for text in texts:
            model(**tokenizer(text, return_tensors="pt"))
    fused = torch.cat(outputs).double().numpy()
    labels = [PART[w] if n % 5 else None for text in texts for n, w in enumerate(text.split())]
    q, k = (fused[:, first + 8 * head :][:, :8] for first in (0, 16))
    return q - q.mean(0), k - k.mean(0), labels


@pytest.mark.parametrize("head", [0, 1])
def test_contrastive_components_are_those_of_a_count_over_all_pairs(labelled, head):
    make, folder, texts = labelled
    report = make(rank=RANK, contrast="part")
    q, k, labels = products_of(folder, texts, head)
    pairs = {True: [], False: []}
    for i, one in enumerate(labels):
        for j, other in enumerate(labels):
            if one and other:
                pairs[one == other].append((i, j))
    (same_q, same_k), (two_q, two_k) = (np.array(pairs[kind]).T for kind in (True, False))
    contrast = q[same_q].T @ k[same_k] / len(same_q) - q[two_q].T @ k[two_k] / len(two_q)
    left, sizes, right = np.linalg.svd(contrast)
    brought = sizes * (left.T * right).sum(1) / 8**0.5
    order = np.argsort(-abs(brought))
    table = report.components(0, head)
    # What brings less than a hundredth is about something else.
    enough = [value for value in brought[order] if abs(value) > abs(brought).sum() / 100][:RANK]
    stated = [value for value in table["contrast"].to_pylist() if value is not None]
    np.testing.assert_allclose(stated, enough, rtol=1e-3)
    assert table["contrast"].to_pylist()[len(stated) :] == [None] * RANK
    scores = (q @ k.T) / 8**0.5
    difference = scores[same_q, same_k].mean() - scores[two_q, two_k].mean()
    assert report.interaction(0, head)["contrast"] == pytest.approx(difference, rel=1e-3)
    assert sum(brought) == pytest.approx(difference, rel=1e-4)
    first = order[0]
    cosine = left[:, first] @ right[first]
    own = eager(folder, texts[0])[0][head]
    parts = bars(report, 0, head, 0, own > 0)
    seen = np.tri(len(own)) > 0
    alone = np.outer(q @ left[:, first], k @ right[first]) * cosine / 8**0.5
    count = len(own)
    np.testing.assert_allclose(parts["component 1"][seen], alone[:count, :count][seen], atol=1e-4)
    score = np.nan_to_num(sum(parts.values()), nan=-np.inf)
    off = score - np.logaddexp.reduce(score, 1, keepdims=True) - np.log(own + (own == 0))
    assert np.abs(off[seen]).max() < 1e-5


def test_a_weaker_form_of_two_labels_is_found_first_and_named(labelled):
    make, _, _ = labelled
    [plain, *_] = make(rank=RANK).components(0, 0).to_pylist()
    assert {PART[word] for word in plain["query_tokens"][:4]} == {"noun", "verb"}
    assert "contrast" not in plain
    [first, *_] = make(rank=RANK, contrast="part").components(0, 0).to_pylist()
    for side in ("query", "key"):
        ends = [
            {
                PART[word]
                for word, loading in zip(
                    first[f"{side}_tokens"], first[f"{side}_loadings"], strict=True
                )
                if (loading > 0) == above
            }
            for above in (True, False)
        ]
        assert sorted(map(list, ends)) == [["noun"], ["verb"]]
    assert first["contrast"] > 0.5
    assert make(rank=RANK, contrast="part").interaction(0, 1)["contrast"] < 0.05


def test_with_a_contrast_all_components_are_the_attention_too(labelled):
    make, _, _ = labelled
    report = make(rank=8, contrast="part")
    assert report.interaction(0, 0)["total_variation"] < 1e-5
    assert report.interaction(0, 0)["dimensions"] == report.components(0, 0).num_rows
    assert differences(report) == []
    assert report.manifest.models[0].components.contrast.values == ["noun", "verb"]


CHATS = [
    [{"role": "user", "content": "hi you"}, {"role": "bot", "content": "so long"}],
    [{"role": "user", "content": "who is it"}, {"role": "bot", "content": "me"}],
]


def roles_of(pieces, chat):
    """For each token the role of the message that it is of, None outside of them."""
    text, starts = "".join(pieces), np.cumsum([0, *map(len, pieces[:-1])])
    roles = [None] * len(pieces)
    for message in chat:
        first = text.index(message["content"])
        inside = (starts >= first) & (starts < first + len(message["content"]))
        for place in np.flatnonzero(inside):
            roles[place] = message["role"]
    return roles


def test_turns_of_conversations_are_told_apart(tmp_path):
    folder = save_chatty(tmp_path / "chatty")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.5)
    model.save_pretrained(folder)
    queries, keys, attention, roles = [], [], [], []  # queries and keys before rotary embedding
    for name, outputs in (("q_proj", queries), ("k_proj", keys)):
        module = model.layers[0].self_attn.get_submodule(name)
        module.register_forward_hook(lambda m, args, out, into=outputs: into.append(out[0]))
    for chat in CHATS:
        ids = tokenizer.apply_chat_template(chat, return_tensors="pt", return_dict=False)
        with torch.inference_mode():
            attention.append(model(ids, output_attentions=True).attentions[0][0].double().numpy())
        roles += roles_of([tokenizer.decode([number]) for number in ids[0].tolist()], chat)
    labelled = np.array([[bool(one and other) for other in roles] for one in roles])
    same = np.array([[one == other for other in roles] for one in roles])
    report = report_of(
        folder,
        tmp_path / "report",
        documents=[{"messages": CHATS}],
        components={"rank": RANK, "contrast": "turn"},
    )
    assert report.manifest.models[0].components.contrast.values == ["1 user", "2 bot"]
    for head in (0, 1):
        part = slice(8 * head, 8 * head + 8)
        q, k = (torch.cat(each).double().numpy()[:, part] for each in (queries, keys))
        scores = (q - q.mean(0)) @ (k - k.mean(0)).T / 8**0.5
        difference = scores[labelled & same].mean() - scores[labelled & ~same].mean()
        assert abs(difference) > 0.01
        stated = report.interaction(0, head)["contrast"]
        assert stated == pytest.approx(difference, rel=1e-3)
        own = attention[0][head]
        score = sum(bars(report, 0, head, 0, own > 0).values())
        score = np.nan_to_num(score, nan=-np.inf)
        off = score - np.logaddexp.reduce(score, 1, keepdims=True) - np.log(own + (own == 0))
        assert np.abs(off[own > 0]).max() < 1e-5


def test_a_contrast_of_one_label_is_said_to_be_none(of, tmp_path):
    folder, _ = of("gpt2")
    rows = [{"text": text, "part": ["word"] * len(text.split())} for text in TEXTS]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    report = report_of(
        folder,
        tmp_path / "report",
        documents=[{"file": str(tmp_path / "rows.jsonl"), "token_labels": ["part"]}],
        components={"rank": RANK, "contrast": "part"},
    )
    [missing] = report.manifest.models[0].components.missing
    assert missing.startswith("pairs are not told apart by part: its tokens have 1 label, and")
    assert report.components(1, 2)["share"].to_pylist() == (
        of("gpt2")[1].components(1, 2)["share"].to_pylist()
    )


def test_heads_of_which_attention_alone_is_known_are_named(tmp_path):
    report = report_of(save_model("deberta", tmp_path / "model"), tmp_path / "report")
    [missing] = report.manifest.models[0].components.missing
    assert missing.startswith(
        "scores of all layers are not split, as only their attention is known"
    )
    assert any(notice.kind == "components" for notice in report.manifest.notices)
    for call in (report.components, report.interaction):
        with pytest.raises(attnviz.InputError, match="what its scores are made of is not known"):
            call(0, 0)


def test_positions_that_cannot_be_told_apart_are_said(of):
    _, report = of("llama4")
    [missing] = report.manifest.models[0].components.missing
    assert missing.startswith("position is not told apart")
    assert not of("llama")[1].manifest.models[0].components.missing


def test_of_tokens_that_are_all_alike_there_are_no_components(of, tmp_path):
    folder, _ = of("gpt2")
    report = report_of(folder, tmp_path / "report", documents=[{"text": ["cat"]}])
    assert report.components(0, 0).num_rows == report.interaction(0, 0)["dimensions"] == 0
    assert report.interaction(0, 0)["total_variation"] == 0
    assert report.heads["components_variation"].to_pylist() == [0] * 8
    assert "first_component" not in report.heads.column_names
    parts = report.score_bars(0, 0, 0, 0, 0).to_pydict()
    assert parts["part"] == ["rest", "key", "query", "constant"]
    assert parts["value"][:3] == pytest.approx([0, 0, 0], abs=1e-6)
    assert differences(report) == []


def test_a_probe_foresees_the_bytes_of_vectors(of, tmp_path):
    folder, report = of("llama")
    corpus = {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": [{"text": TEXTS}],
        "maps": {"methods": []},
    }
    sizes = [
        forecast(parse_config(corpus | more, tmp_path, "corpus"))[1].models[0].other
        for more in ({}, {"components": True})
    ]
    shards = report.manifest.shards.values()
    stored = sum(shard.bytes for shard in shards if shard.kind == "vectors")
    # Beside the vectors a row has its place; these documents are short.
    assert sizes[1] - sizes[0] == pytest.approx(stored, rel=0.2)


def test_wrong_places_are_named(of, tmp_path):
    folder, report = of("gpt2")
    for place, words in (
        ((0, 3, 5), "query 3 may not see key 5: L0H0 has no score of them; .* from 0 to 3"),
        ((0, 9, 0), "query 9: it has 9, counted from zero"),
        ((0, 3, -1), "key -1: it has 9"),
        ((3, 0, 0), "document 3: this report has 3"),
    ):
        with pytest.raises(attnviz.InputError, match=words):
            report.score_bars(0, 0, *place)
    other = report_of(folder, tmp_path / "without", components=False)
    assert not any(s.kind == "vectors" for s in other.manifest.shards.values())
    with pytest.raises(attnviz.InputError, match="build with components: true"):
        other.components(0, 0)
    assert not {"first_component", "components_variation"} & set(other.heads.column_names)


def test_vectors_are_of_documents_that_are_kept_and_components_of_all(of, tmp_path):
    folder, report = of("gpt2")
    few = report_of(folder, tmp_path / "report", keep={"documents": [1]})
    assert few.components(1, 2).equals(report.components(1, 2))
    assert few.interaction(1, 2)["rows"] == 8
    assert few.score_bars(1, 2, 1, 5, 3).equals(report.score_bars(1, 2, 1, 5, 3))
    with pytest.raises(attnviz.InputError, match="document 0: its attention is not in this report"):
        few.score_bars(1, 2, 0, 5, 3)


def differences(report):
    return [str(one) for one in audit(report.folder, lambda _name, layers: layers).differences]


def test_a_deep_check_recomputes_all_figures(of, tmp_path, monkeypatch):
    folder, report = of("gpt_oss")
    assert differences(report) == []
    spectrum = written.spectrum

    def other(moments, rank):
        """A share too large, and components that are not those of the report's vectors."""
        moments.query_covariance[0, 0] *= 1.5
        return spectrum(moments, rank)

    monkeypatch.setattr(written, "spectrum", other)
    spoiled = differences(report_of(folder, tmp_path / "spoiled"))
    assert any("share of component 1" in each for each in spoiled)
    assert any("deviation of components" in each for each in spoiled)
    monkeypatch.undo()
    monkeypatch.setattr(
        written, "rows_off", lambda vectors, of: np.zeros((4, len(vectors.intervals.lo)))
    )
    spoiled = differences(report_of(folder, tmp_path / "again"))
    assert len(spoiled) == 24
    of_figures = [each for each in spoiled if "with components alone" in each]
    assert len(of_figures) == 16
    assert sum("statistic components_variation" in each for each in spoiled) == 8
