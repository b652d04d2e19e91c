"""What a report has for programs: llms.txt, whose words are true of the report, and the schema of
its manifest, by which another library can check it."""

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

import attnviz
from attnviz.format.manifest import Manifest
from attnviz.format.seal import sha256, with_seal
from attnviz.format.twins import twin
from attnviz.site.programs import llms_text, program_files
from attnviz.site.story import Story
from tests.fixtures.hostile import HOSTILE, TITLE
from tests.unit.site.small_manifest import manifest as small_manifest

FROZEN = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"


@pytest.fixture(scope="module")
def folder(tiny_report):
    return tiny_report("bert")


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "llms.txt").read_text("utf-8")


def checked(folder):
    schema = json.loads((folder / "manifest.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_a_manifest_is_what_the_schema_beside_it_says(tiny_report, family):
    folder = tiny_report(family)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    checked(folder).validate(manifest)
    for spoil in (
        lambda content: content.pop("models"),
        lambda content: content["models"][0]["stacks"][0].update(layers="two"),
        lambda content: content.update(unheard_of=1),
    ):
        damaged = json.loads(json.dumps(manifest))
        spoil(damaged)
        assert not checked(folder).is_valid(damaged)


def test_both_files_are_sealed(folder, attnviz_command, tmp_path):
    manifest = attnviz.open_report(folder).manifest
    for name in ("llms.txt", "manifest.schema.json"):
        assert manifest.files[name].sha256 == sha256((folder / name).read_bytes())
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert attnviz_command("check", copy)[0] == 0
    (copy / "llms.txt").write_text("something else", "utf-8")
    code, out, err = attnviz_command("check", copy)
    assert code != 0
    assert "llms.txt: is damaged" in out + err


def test_its_links_and_its_python_lead_somewhere(folder, text, monkeypatch):
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (folder / link).is_file()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(folder.parent)
    exec(code.replace("FOLDER", folder.name), {})


def test_it_names_heads_with_their_labels():
    manifest = attnviz.open_report(FROZEN).manifest
    labelled, lines = 0, llms_text(manifest).splitlines()
    for model in manifest.models:
        after = lines[
            next(at for at, line in enumerate(lines) if f"`model={model.name}`" in line) :
        ]
        titles = {kind.name: kind.title for kind in model.labels}
        for head in model.heads:
            for label in head.labels:
                row = next(line for line in after if line.startswith(f"- {titles[label.name]} ("))
                (score,) = re.findall(rf" {re.escape(model.head_id(head))} ([\d.]+)\u202f%", row)
                assert float(score) == pytest.approx(100 * label.score, rel=6e-3)
                labelled += 1
        unlabelled = sum(not head.labels for head in model.heads)
        assert not unlabelled or any(
            line.startswith(f"- No label: {unlabelled} head") for line in after
        )
    assert labelled


@pytest.mark.parametrize(
    ("opens", "shards", "twins"),
    [("anywhere", True, True), ("web", True, False), ("file", False, True)],
)
def test_it_says_which_files_of_data_are_there(opens, shards, twins):
    document = small_manifest()
    document["site"]["open"] = opens
    text = llms_text(Manifest.model_validate(document))
    assert ("- `data/*.arrow`:" in text) == shards
    assert ("`data/*.arrow.js`" in text) == twins


def test_a_story_is_named_and_kept_where_there_is_one():
    manifest = Manifest.model_validate(small_manifest())
    assert "story" not in llms_text(manifest)
    files = program_files(manifest, Story("mine.md", "# A story\n"))
    assert files["story.md"] == b"# A story\n"
    text = files["llms.txt"].decode()
    assert "[story.md](story.md)" in text
    assert "[story.html](story.html)" in text
    assert list(program_files(manifest)) == ["llms.txt", "manifest.schema.json"]


def test_of_many_heads_with_a_label_it_names_the_strongest():
    manifest = attnviz.open_report(FROZEN).manifest
    model = manifest.models[0]
    named = next(head for head in model.heads if head.labels)
    heads = [named.model_copy(update={"head": number}) for number in range(11)]
    model = model.model_copy(update={"heads": heads})
    text = llms_text(manifest.model_copy(update={"models": [model]}))
    title = {kind.name: kind.title for kind in model.labels}[named.labels[0].name]
    row = next(line for line in text.splitlines() if line.startswith(f"- {title} ("))
    assert row.endswith(" and 3 more")
    assert len(re.findall(r"L\d+H\d+ [\d.]+\u202f%", row)) == 8


def test_a_title_begins_no_part_of_its_own():
    document = small_manifest()
    document["title"] = f"{TITLE}\n## Files\n{HOSTILE[1]}"
    text = llms_text(Manifest.model_validate(document))
    assert text.count("\n## Files\n") == 1
    assert text.startswith(f"# {' '.join(TITLE.split())} ## Files")


def test_old_reports_without_them_are_whole(attnviz_command, folder, tmp_path):
    older = shutil.copytree(folder, tmp_path / "older")
    content = json.loads((older / "manifest.json").read_text("utf-8"))
    for name in ("llms.txt", "manifest.schema.json"):
        (older / name).unlink()
        del content["files"][name]
    raw = json.dumps(content).encode()
    (older / "manifest.json").write_bytes(raw)
    (older / "manifest.js").write_bytes(twin("manifest.json", raw))
    index = older / "index.html"
    index.write_bytes(with_seal(index.read_bytes(), sha256(raw)))
    assert attnviz_command("check", older)[0] == 0
