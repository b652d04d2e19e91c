"""`attnviz publish --to space:USER/NAME`, against a hub on this machine."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest

import attnviz
from attnviz.publish.space import Space
from attnviz.reader.check import inspect
from tests.fixtures.fake_space import NAME, FakeSpace, serving

REPORT = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"
TO = f"space:{NAME}"


@pytest.fixture
def space(monkeypatch):
    space = FakeSpace()
    with serving(space) as address:
        constants = huggingface_hub.constants
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        yield space


def unpacked(space: FakeSpace, folder: Path) -> Path:
    for path, content in space.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_space_is_made_and_holds_the_report(attnviz_command, space, tmp_path):
    code, out, err = attnviz_command("publish", REPORT, "--to", TO)
    assert code == 0, err
    assert f"will commit the report to the Space {NAME}" in err
    assert "https://ada-heads.static.hf.space/" in out
    assert space.sdk == "static"
    assert space.tokens == {"Bearer hf_secret"}
    assert len(space.commits) == 1
    folder = unpacked(space, tmp_path / "space")
    assert inspect(folder).faults == []
    title = attnviz.open_report(REPORT).manifest.title
    assert (
        (folder / "README.md").read_text("utf-8").startswith(f'---\ntitle: "{title}"\nsdk: static')
    )
    assert not list(folder.rglob("*.arrow.js"))


def test_publishing_again_replaces_the_report_and_keeps_the_card(attnviz_command, space):
    attnviz_command("publish", REPORT, "--to", TO, "--base-url", "https://example.org/")
    space.files["README.md"] = b"---\nsdk: static\nlicense: mit\n---\n"
    stale = "data/attention-0.arrow"
    manifest = space.files["manifest.json"]
    first = attnviz.open_report(REPORT).manifest
    shard = next(iter(first.shards.values())).path
    space.files["manifest.json"] = manifest.replace(shard.encode(), stale.encode())
    space.files[stale] = space.files.pop(shard)
    code, _, err = attnviz_command("publish", REPORT, "--to", TO)
    assert code == 0, err
    assert "replacing the report that is there" in err
    assert stale not in space.files
    assert shard in space.files
    assert b"license: mit" in space.files["README.md"]
    assert len(space.commits) == 2


def test_a_space_of_somebody_is_left_as_it_is(attnviz_command, space):
    space.sdk, space.files = "gradio", {"app.py": b"mine", "README.md": b""}
    code, _, err = attnviz_command("publish", REPORT, "--to", TO)
    assert code == 2
    assert "holds what attnviz publish did not write (app.py)" in err
    assert (space.files, space.commits) == ({"app.py": b"mine", "README.md": b""}, [])


def test_what_came_in_between_is_not_overwritten(attnviz_command, space, monkeypatch):
    attnviz_command("publish", REPORT, "--to", TO)
    look = Space.limits
    monkeypatch.setattr(
        Space, "limits", lambda self, site: (space.commits.append("theirs"), look(self, site))[1]
    )
    code, _, err = attnviz_command("publish", REPORT, "--to", TO)
    assert code == 2
    assert "did not take it" in err
    assert "hf_secret" not in err
    assert len(space.commits) == 2


def test_a_dry_run_and_a_wrong_name_ask_for_nothing(attnviz_command, space):
    code, out, _ = attnviz_command("publish", REPORT, "--to", TO, "--dry-run")
    assert code == 0
    assert f"would commit the report to the Space {NAME}" in out
    assert (space.sdk, space.commits) == (None, [])
    for name in ("space:heads", "space:", "space:a/b/c", "space:../x"):
        code, _, err = attnviz_command("publish", REPORT, "--to", name)
        assert code == 2
        assert "expected space:USER/NAME" in err
