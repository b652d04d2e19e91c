"""How far a stage is, in lines, where there is no terminal to draw bars on."""

from itertools import count

from attnviz import terminal


def test_lines_say_the_time_left_once_there_is_work_done(monkeypatch, capsys):
    clock = count(0, 11)
    monkeypatch.setattr(terminal.time, "monotonic", lambda: float(next(clock)))
    with terminal.progress_for(quiet=False) as progress:
        # Batches of which no document is stored are no work, and may come first.
        assert list(progress.steps("encode", "abcd", [0.0, 1.0, 3.0, 0.0])) == list("abcd")
    assert capsys.readouterr().err.splitlines() == [
        "encode …", "encode: 25%, about 66 s left", "encode: done in 55.0 s",
    ]  # fmt: skip
