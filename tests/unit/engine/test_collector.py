"""What is loaded is left out of the collector's rounds for as long as a build lasts."""

import gc
import weakref

import pytest

from attnviz.engine.collector import loading, put_back


class Cycle:
    """An object that only the collector frees."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def rounds():
    """The rounds of the collector so far, by generation."""
    begun = []

    def note(phase, info):
        if phase == "start":
            begun.append(info["generation"])

    gc.callbacks.append(note)
    yield begun
    gc.callbacks.remove(note)


def test_nothing_is_collected_while_libraries_are_loaded(rounds):
    with put_back(), loading():
        rounds.clear()
        made = [Cycle() for _ in range(10_000)]
        assert rounds == []
    assert len(made) == 10_000
    assert gc.isenabled()


def test_what_was_loaded_is_not_gone_through_until_the_end():
    with put_back():
        with loading():
            loaded = Cycle()
        assert not any(each is loaded for each in gc.get_objects())
        later = Cycle()
        assert any(each is later for each in gc.get_objects())
    assert gc.get_freeze_count() == 0
    assert any(each is loaded for each in gc.get_objects())


def test_what_nobody_refers_to_does_not_stay():
    before = weakref.ref(Cycle())
    with put_back(), loading():
        assert before() is None


def test_what_somebody_else_left_out_stays_left_out():
    gc.freeze()
    try:
        with put_back(), loading():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_the_collector_stays_off_where_it_was():
    gc.disable()
    try:
        with put_back(), loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
