"""Builds that are killed, interrupted or run out of disk: nothing half-written, and the same bytes
in the end."""

import json

import pytest

import attnviz
from attnviz.reader.check import check
from tests.fixtures.files import tree
from tests.fixtures.interrupted import run_all
from tests.fixtures.models import sentences

MOMENTS = [0.02, 0.2, 0.35, 0.5, 0.7, 0.95]
"""Shares of a build's changes to files; the first third or so are the cache's, the others the
report's."""
WRITING = [0.01, 0.1, 0.2, 0.3]
"""The same of a report whose work is done: while its files are written, before the first takes its
place."""


@pytest.fixture
def build(tmp_path, tiny_model):
    """`build(corpus, out, cache)`: the arguments that build one of two corpora, "old" or "new"."""
    for name, seed in (("old", 1), ("new", 5)):
        content = {
            "title": name,
            "models": [{"name": "llama", "source": str(tiny_model("llama"))}],
            "documents": [
                {"text": sentences(seed, [3, 8, 11])},
                {"text": sentences(seed + 1, [90])},
            ],
            "maps": {"methods": ["pca"]},  # as many files as by any method, and made in no time
        }
        (tmp_path / f"{name}.yaml").write_text(json.dumps(content))

    def arguments(corpus, out, cache):
        places = {"--out": out, "--cache": cache}
        options = [
            part for option, name in places.items() for part in (option, str(tmp_path / name))
        ]
        return ["build", str(tmp_path / f"{corpus}.yaml"), *options]

    return arguments


@pytest.fixture
def rebuilds(build, tmp_path):
    """`rebuilds(how, moments)`: a report of "old", built anew from "new" and stopped at each
    moment; the ends.

    The n-th report is `out-n`, and `again-n` is the same after one more build, which must succeed;
    `old` and `new` are the reports that no one disturbed.
    """

    def run(how, moments):
        plan = [{"args": build("old", "old", "cache")}, {"args": build("new", "new", "cache")}]
        plan += [
            {
                "args": build("new", "out", "cache"),
                "copy": [[str(tmp_path / "old"), str(tmp_path / "out")]],
            }
        ]
        plan[-1]["measure"] = (
            True  # the cache is full by now: what is left are the report's own changes
        )
        for number, at in enumerate(moments):
            before = [[str(tmp_path / "old"), str(tmp_path / f"out-{number}")]]
            plan.append(
                {
                    "args": build("new", f"out-{number}", "cache"),
                    "copy": before,
                    "how": how,
                    "at": at,
                }
            )
        for number in range(len(moments)):
            left = [[str(tmp_path / f"out-{number}"), str(tmp_path / f"again-{number}")]]
            plan.append({"args": build("new", f"again-{number}", "cache"), "copy": left})
        ends = run_all(plan, tmp_path)
        undisturbed = ends[:3] + ends[3 + len(moments) :]
        assert [end.err for end in undisturbed if end.code] == []
        return ends[3 : 3 + len(moments)]

    return run


def readable(folder):
    """The title of a report of which every head's attention can be read."""
    report = attnviz.open_report(folder)
    for model in report.manifest.models:
        for head in model.heads:
            report.attention(head.layer, head.head, 0, model=model.name)
    return report.manifest.title


def test_a_build_killed_at_any_point_ends_with_the_same_bytes(build, tmp_path):
    plan = [{"args": build("old", "whole", "cache"), "measure": True}]
    for number, at in enumerate(MOMENTS):
        args = build("old", f"out-{number}", f"cache-{number}")
        plan += [{"args": args, "how": "kill", "at": at}, {"args": args}]
    first, *others = run_all(plan, tmp_path)
    assert first.code == 0, first.err
    assert [end.code for end in others[::2]] == [-9] * len(MOMENTS)
    assert [end.err for end in others[1::2] if end.code] == []
    files = tree(tmp_path / "whole")
    assert len(files) > 30
    assert check(tmp_path / "whole") == []
    for number in range(len(MOMENTS)):
        assert tree(tmp_path / f"out-{number}") == files


def test_a_report_built_anew_is_the_old_or_the_new_one_at_every_moment(rebuilds, tmp_path):
    moments = [*MOMENTS, 1]  # the last change is the removal of the old report
    ends = rebuilds("kill", moments)
    assert [end.code for end in ends] == [-9] * len(moments)
    titles = [readable(tmp_path / f"out-{number}") for number in range(len(moments))]
    assert titles == sorted(titles, reverse=True)
    assert set(titles) == {"old", "new"}
    again = [tree(tmp_path / f"again-{number}") for number in range(len(moments))]
    assert [tree(tmp_path / "out"), *again] == [tree(tmp_path / "new")] * (1 + len(moments))


@pytest.mark.parametrize("how", ["interrupt", "terminate"])
def test_ctrl_c_and_sigterm_end_cleanly_and_say_how_to_go_on(build, tmp_path, how):
    plan = [{"args": build("old", "whole", "cache"), "measure": True}]
    for number, at in enumerate(MOMENTS[:4]):
        args = build("old", f"out-{number}", f"cache-{number}")
        plan += [{"args": args, "how": how, "at": at}, {"args": args}]
    _, *others = run_all(plan, tmp_path)
    for end in others[::2]:
        assert end.code == 130, end.err
        assert "run the same command again to go on" in end.err
        assert "Traceback" not in end.err
    assert [end.err for end in others[1::2] if end.code] == []
    for number in range(4):
        assert tree(tmp_path / f"out-{number}") == tree(tmp_path / "whole")


def test_a_disk_that_fills_up_leaves_the_old_report_as_it_was(rebuilds, tmp_path):
    ends = rebuilds("full", WRITING)
    old = tree(tmp_path / "old")
    for number, end in enumerate(ends):
        assert end.code == 2
        assert "the disk is full" in end.err
        assert str(tmp_path / f"out-{number}") in end.err
        assert "Traceback" not in end.err
        assert tree(tmp_path / f"out-{number}") == old
