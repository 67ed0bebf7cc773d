import ctypes

import numpy as np

from posture.adapters import memory


def test_freed_memory_is_given_back_without_harm():
    kept = np.arange(1000)
    pieces = [np.ones(50_000) for _ in range(50)]
    del pieces
    memory.give_back()
    assert kept.sum() == 499_500


def test_a_computer_that_cannot_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory.give_back() is False


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert memory.give_back() is False
