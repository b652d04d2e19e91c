"""`attnviz tokens` and `attnviz.show(scores=…)`: viz.py's colours, and files that do not fit."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import Normalize, to_hex
from typer.testing import CliRunner

import attnviz
from attnviz.cli import app
from attnviz.errors import InputError
from tests.fixtures.hostile import HOSTILE
from tests.unit.site.page import Page

TOKENS = ("the", "cat", "<s>", "Ġsat", "</script>")
SCORES = (0.1, 0.5, 0.02, 0.31, 0.0)


def definition(scores, cmap, alpha):
    """viz.py: off = mean(scores) · alpha, Normalize(min − off, max + off), the colour map, hex."""
    off = sum(scores) / len(scores) * alpha
    normalize = Normalize(vmin=min(scores) - off, vmax=max(scores) + off)
    return [to_hex(mpl.colormaps[cmap](normalize(score))) for score in scores]


def colors(page):
    """Each token of a page with its background."""
    rules = dict(re.findall(r"\.(c\d+)\{background:(#[0-9a-f]{6})", page))
    spans = re.findall(r'<span class="token (c\d+)" title="[^"]*">([^<]*)</span>', page)
    return [rules[name] for name, _ in spans], [text for _, text in spans]


@pytest.fixture
def files(tmp_path):
    def write(tokens=None, *scores):
        tokens = "\n".join(TOKENS) if tokens is None else tokens
        (tmp_path / "text").write_bytes(tokens if isinstance(tokens, bytes) else tokens.encode())
        scores = scores or ("\n".join(map(str, SCORES)),)
        arguments = ["tokens", "--text-path", str(tmp_path / "text")]
        for number, content in enumerate(scores):
            (tmp_path / f"score{number}").write_text(content)
            arguments += ["--score-path", str(tmp_path / f"score{number}")]
        return arguments

    return write


def run(arguments):
    done = CliRunner().invoke(app, arguments)
    return done.output if done.exception is None else done.exception


@pytest.mark.parametrize(
    ("cmap", "alpha"), [("BuGn", 1.0), ("viridis", 0.0), ("RdBu", 3.5), ("tab10", 0.3)]
)
def test_colours_are_those_of_the_definition(files, cmap, alpha):
    page = run([*files(), "--cmap", cmap, "--alpha", str(alpha)])
    assert colors(page)[0] == definition(SCORES, cmap, alpha)


def test_signed_scores_have_the_definitions_colours_too(files):
    signed = (-2.0, 1.5, 0.0, 3.0, -0.5)
    page = run(files("\n".join(TOKENS), "\n".join(map(str, signed))))
    assert colors(page)[0] == definition(signed, "BuGn", 1.0)
    below = (-5.0, -4.0, -4.5, -4.2, -4.1)
    error = run(files("\n".join(TOKENS), "\n".join(map(str, below))))
    assert re.search(
        r"alpha: 1 turns the scale around.*mean is -4.36; expected at most 0.11", str(error)
    )


def test_tokens_stay_texts_and_the_page_asks_for_nothing(files):
    tokens = [text for text in HOSTILE if "\n" not in text]
    scores = "\n".join(str(n / len(tokens)) for n in range(len(tokens)))
    page = Page(run(files("\n".join(tokens), scores)).encode())
    plain = Page(run(files("\n".join("a" for _ in tokens), scores)).encode())
    assert page.shape == plain.shape
    assert page.addresses == ["data:,"]
    assert page.policy["default-src"] == "'none'"
    assert all(" ".join(token.split()) in page.text for token in tokens)
    assert page.all("script") == []


def test_several_rows_come_from_files_or_columns(files, tmp_path):
    columns = "\n".join(f"{score} {1 - score}" for score in SCORES)
    single = "\n".join(map(str, SCORES))
    out = tmp_path / "page.html"
    run([*files("\n".join(TOKENS), columns, single), "-o", str(out)])
    shades = colors(out.read_text("utf-8"))[0]
    assert shades == [
        *definition(SCORES, "BuGn", 1.0),
        *definition([1 - score for score in SCORES], "BuGn", 1.0),
        *definition(SCORES, "BuGn", 1.0),
    ]


def test_the_legend_has_the_numbers(files):
    page = Page(run(files()).encode())
    assert "least 0 mean 0.186 most 0.500" in page.text
    assert "−0.186" in page.text
    assert "0.686" in page.text


def test_blank_lines_do_not_count(files):
    text = "\n\n".join(TOKENS) + "\r\n \n"
    assert colors(run(files(text, "\n".join(map(str, SCORES)) + "\n\n")))[0] == definition(
        SCORES, "BuGn", 1.0
    )


@pytest.mark.parametrize(
    ("tokens", "scores", "message"),
    [
        ("a\n\nb\nc", "1\n2", r"text:4: this token has no score in .*score0 \(3 tokens and 2"),
        ("a\nb", "1\n2\n\n3", r"score0:4: this score has no token in .*text \(2 tokens and 3"),
        ("a\nb", "1\nmany", r"score0:2: 'many' is no finite number; expected a score"),
        ("a\nb", "1\nnan", r"score0:2: 'nan' is no finite number"),
        ("a\nb", "1 2\n3", r"score0:2: has 1 numbers; expected 2, as on line 1"),
        ("", "1", r"text:1: the file is empty; expected a token on each line"),
        ("a", "\n\n", r"score0:1: the file is empty; expected a score on each line"),
        (b"a\n\xff", "1\n2", r"text:2: is not UTF-8"),
    ],
)
def test_files_that_do_not_fit_are_refused_with_their_line(files, tokens, scores, message):
    error = run(files(tokens, scores))
    assert isinstance(error, InputError)
    assert re.search(message, str(error))


def test_a_file_or_colour_map_that_is_not_there_is_named(files, tmp_path):
    arguments = files()
    assert "did you mean viridis?" in str(run([*arguments, "--cmap", "virids"]))
    assert "there is no folder" in str(run([*arguments, "-o", str(tmp_path / "no" / "page.html")]))
    (tmp_path / "text").unlink()
    assert f"{tmp_path / 'text'}: there is no such file" in str(run(arguments))
    (tmp_path / "text").mkdir()
    assert "is a folder" in str(run(arguments))


def test_scores_in_a_notebook_have_the_same_colours(tmp_path):
    cell = attnviz.show(scores=np.array(SCORES), tokens=TOKENS)
    assert colors(cell.page)[0] == definition(SCORES, "BuGn", 1.0)
    rows = attnviz.show(scores=[SCORES, SCORES[::-1]], tokens=TOKENS, cmap="Blues", alpha=0.2)
    assert colors(rows.page)[0] == [
        *definition(SCORES, "Blues", 0.2), *definition(SCORES[::-1], "Blues", 0.2)
    ]  # fmt: skip
    assert rows.height > cell.height
    with pytest.raises(InputError, match=r"their shape is \(5,\); expected \(4,\)"):
        attnviz.show(scores=SCORES, tokens=TOKENS[1:])
    with pytest.raises(InputError, match="row 0 has nan for token 1"):
        attnviz.show(scores=[0.0, float("nan")], tokens=["a", "b"])
    with pytest.raises(InputError, match="tokens: holds half a character"):
        attnviz.show(scores=[0.0, 1.0], tokens=["a", "\ud800"])
    assert Path(cell.save(tmp_path / "page.html")).is_file()
