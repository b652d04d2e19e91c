"""A GPT-2 whose heads rest on the first token and do one known thing besides: labels with and
without sinks are those that were planted, in the report, by the deep check, and by hand."""

import re

import numpy as np
import pytest
import torch
from transformers import AutoModel

import attnviz
from attnviz.audit.audit import audit
from attnviz.config import parse_config
from attnviz.heads.repeated_text import probe_texts
from attnviz.models.loading import load_model
from attnviz.site.previews import previews
from attnviz.site.wording import percent
from tests.fixtures import handwired
from tests.fixtures.models import sentences
from tests.fixtures.reports import build
from tests.unit.site.page import Page

EXACT = 1e-4
LENGTHS = [2, 9, 14, 20, 30, 30, 28, 25]
BESIDES = {"previous": "previous-token", "self": "self", "uniform": "broad", "waking": "broad"}
HEADS = list(enumerate(handwired.RESTING[0]))


@pytest.fixture(scope="module")
def resting(shared):
    def make(folder):
        handwired.save_resting_gpt2(folder / "model")
        corpus = {
            "models": [{"name": "gpt2", "source": str(folder / "model")}],
            "documents": [{"text": sentences(5, LENGTHS, handwired.WORDS)}],
            "maps": {"methods": ["pca"], "dimensions": [2]},
            "fidelity": {"total_variation": 1e-5, "max_error": 5e-5},
        }
        (folder / "report").mkdir()
        build(corpus, folder / "report")

    return attnviz.open_report(shared("resting-gpt2", make) / "report")


def wired(report, pattern):
    """Each document's attention as it was wired, by the ids of its tokens."""
    wakes = next(
        int(document.token_ids[place])
        for document in report.documents
        for place, text in enumerate(document.tokens)
        if text == handwired.WAKES
    )
    for document in report.documents:
        ids = document.token_ids.tolist()
        yield handwired.expected_resting(pattern, ids, wakes), np.array(ids) == wakes


@pytest.mark.parametrize(("head", "pattern"), HEADS)
def test_attention_is_as_wired(resting, head, pattern):
    for number, (attention, _) in enumerate(wired(resting, pattern)):
        assert np.abs(resting.attention(0, head, number) - attention).max() < EXACT


@pytest.mark.parametrize(("head", "pattern"), HEADS)
def test_labels_with_and_without_sinks_are_the_planted_ones(resting, head, pattern):
    of_head = resting.manifest.models[0].heads[head]
    assert [label.name for label in of_head.labels] == ["first-token"]
    assert [label.name for label in of_head.awake_labels] == [BESIDES[pattern]]
    assert of_head.awake_labels[0].score == pytest.approx(1, abs=EXACT)
    assert resting.heads["awake_labels"][head].as_py() == [BESIDES[pattern]]


@pytest.mark.parametrize("head", [0, 1])
def test_planted_labels_hold_for_all_attention_besides_resting(resting, head):
    """Of heads that attend to one key besides; of others they hold for little."""
    for of in resting.manifest.models[0].heads[head].label_figures:
        if of.label == BESIDES[HEADS[head][1]]:
            assert (of.precision, of.held_out_precision) == pytest.approx((1, 1), abs=EXACT)
            assert (of.recall, of.held_out_recall) == (1, 1)
            assert of.others_precision < 0.5


@pytest.mark.parametrize(("head", "pattern"), HEADS)
def test_what_rests_is_as_wired(resting, head, pattern):
    """Over rows after the first, which sees nothing else."""
    rows = [row for attention, _ in wired(resting, pattern) for row in attention[1:]]
    rest = np.array([row[0] for row in rows])
    statistics = resting.manifest.models[0].heads[head].statistics
    assert statistics["rest"] == pytest.approx(rest.mean(), abs=EXACT)
    assert statistics["asleep"] == pytest.approx((rest > 0.5).mean(), abs=EXACT)


def test_the_token_that_wakes_a_head_is_named(resting):
    *others, waking = resting.manifest.models[0].heads
    rows = sum(int(is_waking[1:].sum()) for _, is_waking in wired(resting, "waking"))
    assert [(each.token, each.rate, each.rows) for each in waking.waking] == [("d", 1.0, rows)]
    # Those that rest in every row, and the one that is awake in short rows, have none.
    assert [of_head.waking for of_head in others] == [[], [], []]


def test_the_report_says_which_keys_are_left_out(resting):
    assert [stack.resting for stack in resting.manifest.models[0].stacks] == [["special", "first"]]


@pytest.mark.parametrize(("head", "pattern"), HEADS)
def test_a_page_leads_with_what_a_head_does_besides_resting(resting, head, pattern):
    content = (resting.folder / "heads" / "gpt2" / f"L0H{head}.html").read_bytes()
    titles = {kind.name: kind.title for kind in resting.manifest.models[0].labels}
    of_head = resting.manifest.models[0].heads[head]
    awake, asleep, rests = (
        percent(share).replace("\u202f", " ")
        for share in (
            of_head.awake_labels[0].score,
            of_head.labels[0].score,
            of_head.statistics["rest"],
        )
    )
    above, _, _ = Page(content).text.partition(" Open in the viewer")
    lead, rest = above.split(f"{rests} of its attention rests on ")
    assert f" {titles[BESIDES[pattern]]} {awake} " in lead
    assert titles["first-token"] not in lead
    assert rest.startswith("special tokens and the first token, more than half in ")
    assert rest.endswith(f"Labels with these: {titles['first-token']} {asleep}.")


@pytest.mark.parametrize(("head", "pattern"), HEADS)
def test_links_to_a_page_are_described_by_what_the_head_does(resting, head, pattern):
    content = (resting.folder / "heads" / "gpt2" / f"L0H{head}.html").read_bytes()
    model = resting.manifest.models[0]
    of_head = model.heads[head]
    titles = {kind.name: kind.title for kind in model.labels}
    awake, rests = percent(of_head.awake_labels[0].score), percent(of_head.statistics["rest"])
    (description,) = [
        meta["content"] for meta in Page(content).all("meta") if meta.get("name") == "description"
    ]
    assert description.startswith(
        f"Layer 0, head {head} of {model.title}: {titles[BESIDES[pattern]]} {awake}, rests {rests}."
        " Stored attention is off by "
    )


def test_a_report_in_one_page_tells_of_attention_that_does_not_rest(resting):
    summary = resting.to_html().split('<table class="heads">')[1].split("</table>")[0]
    titles = [re.sub("<.*?>", "", cell) for cell in re.findall("<th scope=.col.*?</th>", summary)]
    assert titles[3:-1] == [
        "Entropy, awake",
        "Mean distance, awake",
        "Rests",
        "Previous token, awake",
        "Duplicates, awake",
    ]
    rows = re.findall('<tr><th scope="row">.*?</tr>', summary)
    for head, row in enumerate(rows):
        cells = re.findall('<td class="number">(.*?)</td>', row)
        attention = [a for a, _ in wired(resting, HEADS[head][1])]
        rested = np.mean([a_row[0] for a in attention for a_row in a[1:]])
        before = sum(a[i, i - 1] for a in attention for i in range(2, len(a)))
        awake = sum(a[i, 1:].sum() for a in attention for i in range(2, len(a)))
        shares = [float(cell.split("\u202f")[0]) / 100 for cell in (cells[2], cells[3])]
        assert shares == pytest.approx([rested, before / awake], abs=5e-4)


def test_programs_are_told_of_the_same_and_how_much_rests(resting):
    model = resting.manifest.models[0]
    titles = {kind.name: kind.title for kind in model.labels}
    lines = (resting.folder / "llms.txt").read_text("utf-8").splitlines()
    assert not [line for line in lines if line.startswith(f"- {titles['first-token']} (")]
    (resting_most,) = [line for line in lines if line.startswith("- Rests (")]
    for head, pattern in HEADS:
        rest = percent(model.heads[head].statistics["rest"])
        (row,) = [line for line in lines if line.startswith(f"- {titles[BESIDES[pattern]]} (")]
        assert re.search(rf"L0H{head} [\d.]+\u202f% \(rests {rest}\)", row)
        assert f"L0H{head} {rest}" in resting_most


def test_the_picture_beside_a_link_leads_with_the_same(resting):
    site = resting.manifest.site.model_copy(update={"url": "https://example.org"})

    def picture(**changes):
        model = resting.manifest.models[0]
        head = model.heads[0].model_copy(update=changes)
        models = [model.model_copy(update={"heads": [head]})]
        report = resting.manifest.model_copy(update={"site": site, "models": models})
        return previews(report, {})["assets/preview-gpt2-L0H0.png"]

    head = resting.manifest.models[0].heads[0]
    assert picture() == picture(labels=[])
    assert picture() != picture(awake_labels=[])
    assert picture() != picture(statistics=head.statistics | {"rest": 0.05})
    # A report that does not say what rests leads with all labels.
    older = {name: value for name, value in head.statistics.items() if name != "rest"}
    assert picture(statistics=older) != picture(statistics=older, labels=[])
    assert picture(statistics=older) == picture(statistics=older, awake_labels=[])


def test_the_deep_check_recomputes_it(resting):
    findings = audit(resting.folder, lambda _name, layers: layers)
    assert [str(found) for found in findings.differences] == []


def test_probes_besides_resting_are_of_the_models_own_attention(tiny_model, tmp_path):
    """On the texts that the build draws; a GPT-2 rests on the first token alone."""
    folder = tiny_model("gpt2")
    corpus = {
        "models": [{"name": "gpt2", "source": str(folder)}],
        "documents": [{"text": sentences(5, [9, 14])}],
        "maps": {"methods": []},
        "probes": True,
    }
    report = attnviz.build(corpus, tmp_path / "report", tmp_path / "cache")
    assert report.manifest.models[0].stacks[0].resting == ["special", "first"]
    loaded = load_model(parse_config(corpus, tmp_path, "corpus").models[0])
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    parts = {"awake_induction": [], "awake_duplicate_probe": []}
    awake = []
    for text in probe_texts(loaded, report.manifest.provenance.seed):
        tokens = text.axes["text"]
        with torch.inference_mode():
            weights = model(torch.tensor(tokens.ids)[None], output_attentions=True).attentions
        a = torch.stack(weights)[:, 0].flatten(0, 1).double().numpy()  # (head of all, T, T)
        rests = tokens.special.copy()
        rests[0] = True
        plain = np.flatnonzero(~tokens.special)
        length = len(plain) // 2
        awake.append(a[:, plain[length:]][..., ~rests].sum(-1).mean(-1))
        for name, ahead in (("awake_induction", 1), ("awake_duplicate_probe", 0)):
            pairs = [(i, i - length + ahead) for i in plain[length:]]
            parts[name].append(np.mean([a[:, i, j] * (not rests[j]) for i, j in pairs], 0))
    for name, sums in parts.items():
        stated = [head.statistics[name] for head in report.manifest.models[0].heads]
        assert stated == pytest.approx(np.mean(sums, 0) / np.mean(awake, 0), abs=1e-5)
