"""`head_labels`: what they become, and what is wrong with them, by line."""

import pytest

from attnviz.config import load_config
from attnviz.format.manifest import DocumentTest, PairTest, TokenTest
from attnviz.format.pair_tests import OWN_LABELS
from attnviz.heads.declared_labels import declared_labels
from attnviz.heads.labels import LABELS
from tests.unit.config.conftest import SMALLEST

SENTENCES = [
    (
        "query: [he, she], offset: '-3..-1'",
        PairTest(query=TokenTest(texts=["he", "she"]), least_offset=-3, greatest_offset=-1),
        "attends from “he” or “she” to tokens 1 to 3 places before",
    ),
    (
        "key: '/^[0-9]+$/', offset: '..-1'",
        PairTest(key=TokenTest(pattern="^[0-9]+$"), greatest_offset=-1),
        "attends to tokens that match /^[0-9]+$/ at least 1 place before",
    ),
    (
        "key: {pos: [NOUN, VERB]}, query_place: 1.., sinks: true",
        PairTest(
            query=TokenTest(first=1),
            key=TokenTest(column="pos", values=["NOUN", "VERB"]),
            sinks=True,
        ),
        "attends from tokens from place 1 to tokens whose pos is “NOUN” or “VERB”, sinks and"
        " special tokens counted",
    ),
    (
        "offset: -1, documents: {topic: [sport, 2], long: true}",
        PairTest(
            least_offset=-1,
            greatest_offset=-1,
            documents=[
                DocumentTest(column="topic", values=["sport", "2"]),
                DocumentTest(column="long", values=["true"]),
            ],
        ),
        "attends to tokens 1 place before in documents whose topic is “sport” or “2” and long is"
        " “true”",
    ),
    ("same: true", PairTest(same="token"), "attends to tokens that are the same token"),
    (
        "same: after, key_place: 2..-1, offset: 0..1",
        PairTest(same="after", key=TokenTest(first=2, last=-1), least_offset=0, greatest_offset=1),
        "attends to tokens from place 2 up to place -1 after the same token not before, at most 1"
        " place after",
    ),
]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "rows.csv"
    path.write_text("text,pos,topic,long\nThe cat,[],sport,true\n")
    return path


def corpus_with(labels, table):
    documents = f"  - {{file: {table}, labels: [topic, long], token_labels: [pos]}}\n"
    return SMALLEST + documents + "head_labels:\n" + labels


@pytest.mark.parametrize(("options", "test", "sentence"), SENTENCES)
def test_a_label_is_a_test_and_a_sentence(corpus, table, options, test, sentence):
    config = load_config(corpus(corpus_with(f"  - {{name: mine, {options}}}\n", table)))
    (label,) = declared_labels(config.head_labels)
    assert (label.name, label.title, label.test, label.description) == (
        "mine", "mine", test, sentence,
    )  # fmt: skip


WRONG = [
    ("{name: a b, same: true}", "name: “a b” does not fit links and file names"),
    ("{name: self, same: true}", "name: “self” is the name of one of attnviz's own labels too"),
    ("{name: none, same: true}", "name: “none” is the name of one of attnviz's own labels too"),
    ("{name: mine}", "says of no pairs that it holds for them; expected query, key, offset,"),
    ("{name: mine, offset: 1.5}", "offset: “1.5” is no range; expected a whole number, or two"),
    ("{name: mine, offset: '..'}", "offset: “..” is no range"),
    ("{name: mine, offset: '3..-1'}", "offset: “3..-1” is empty; expected the lesser number first"),
    ("{name: mine, key_place: '-1..-3'}", "key_place: “-1..-3” is empty"),
    ("{name: mine, key: /(/}", "key: “/(/” is no regular expression"),
    ("{name: mine, key: [a, /b/]}", "key: “/b/” stands in a list; expected a pattern alone"),
    ("{name: mine, key: 3}", "key: “3” names no tokens; expected a token in quotes"),
    ("{name: mine, key: {pos: 3}}", "is no condition on labels; expected one column"),
    (
        "{name: mine, key: {tag: X}}",
        "key: no entry of documents has token_labels “tag”; expected one of pos",
    ),
    (
        "{name: mine, key: {topic: sport}}",
        "key: “topic” is a column of labels of documents; expected it under documents",
    ),
    (
        "{name: mine, documents: {pos: NOUN}}",
        "documents: “pos” is a column of labels of tokens; expected it under query or key",
    ),
    (
        "{name: mine, documents: {year: 2020}}",
        "documents: no entry of documents has labels “year”; expected one of long or topic",
    ),
    ("{name: mine, documents: {topic: []}}", "is no condition on documents; expected columns of"),
    ("{name: mine, documents: sport}", "documents: “sport” is no condition on documents; expected"),
    ("{name: mine, same: maybe}", "same: “maybe” is none of its values; expected true, false or"),
    ("{name: mine, quary: a, same: true}", "quary: unknown key; did you mean query?"),
]


@pytest.mark.parametrize(("label", "message"), WRONG)
def test_what_is_wrong_with_a_label_is_named_by_its_line(problems, table, label, message):
    (problem,) = problems(corpus_with(f"  - {{name: first, same: true}}\n  - {label}\n", table))
    assert problem.startswith("corpus.yaml:8: head_labels[1]")
    assert message in problem


def test_two_labels_of_one_name_are_refused(problems, table):
    labels = "  - {name: mine, same: true}\n  - {name: Mine, offset: 1}\n"
    (problem,) = problems(corpus_with(labels, table))
    assert problem.startswith("corpus.yaml:8: head_labels[1].name: “Mine” is the name of head_")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("tag", "no entry of documents has token_labels “tag”; expected one of pos"),
        ("topic", "“topic” labels whole documents; expected a column of token_labels"),
    ],
)
def test_a_contrast_by_a_column_that_no_tokens_have_is_refused(problems, table, column, message):
    labels = "  - {name: mine, same: true}\n"
    text = corpus_with(labels, table) + f"components: {{contrast: {column}}}\n"
    (problem,) = problems(text)
    assert problem.startswith("corpus.yaml:8: components.contrast: ")
    assert message in problem


def test_reserved_names_are_those_of_attnvizs_own_labels():
    assert [rule.name for rule in LABELS] == list(OWN_LABELS)
