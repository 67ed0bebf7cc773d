import ctypes

import numpy as np
import pytest

from posture.adapters import memory


def test_freed_memory_is_given_back_without_harm():
    kept = np.arange(1000)
    pieces = [np.ones(50_000) for _ in range(50)]
    with memory.giving_back():
        del pieces
    assert kept.sum() == 499_500


def test_a_computer_that_cannot_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("the C library was asked"))
    with memory.giving_back():
        pass


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    with memory.giving_back():  # what that library lacks cannot be called
        pass


@pytest.fixture
def told(monkeypatch):
    """What the C library is told, as names of the options and their values."""
    calls = []
    options = {memory._M_MMAP_THRESHOLD: "apart from", memory._M_TRIM_THRESHOLD: "trim from"}
    library = {
        "mallopt": lambda option, value: calls.append((options[option], value)),
        "malloc_trim": lambda pad: calls.append(("trimmed", pad)),
    }
    monkeypatch.setattr(memory, "_of_the_c_library", library.get)
    return calls


def test_pictures_live_apart_until_the_last_recording_is_through(told):
    with memory.large_blocks_apart():
        assert ("apart from", memory._LARGE_BYTES) in told
        told.clear()
        with memory.large_blocks_apart():
            pass
        assert told == []
    assert ("apart from", memory._USUAL_BYTES) in told
    # Enough for a picture and its mask: what one gives back the next one takes.
    assert ("trim from", memory._KEPT_BYTES) in told
    assert memory._KEPT_BYTES > 2 * memory._USUAL_BYTES


def test_a_recording_that_fails_leaves_memory_as_usual(told):
    with pytest.raises(ValueError, match="broken"), memory.large_blocks_apart():
        raise ValueError("broken")
    assert told[-2] == ("apart from", memory._USUAL_BYTES)


def test_the_ends_of_heaps_are_given_back_as_long_as_a_practice_is_put_away(told):
    while_it_is = []

    def put_away():
        while_it_is.extend(told)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), memory.giving_back():
        put_away()
    assert while_it_is == [("trim from", memory._LEFT_BYTES)]
    assert told[1:] == [("trimmed", 0), ("trim from", memory._KEPT_BYTES)]


def test_a_computer_with_another_library_analyses_as_well(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    with memory.large_blocks_apart():
        assert np.ones(10**6).sum() == 10**6
