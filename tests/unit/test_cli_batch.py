"""Many videos, one after the other, and Ctrl-C at any moment."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from posture.cli_batch import INTERRUPTED, Job, Outcome, run_in_turn, run_job
from posture.recording import ALL, REPORT, REPS, SUMMARY, TIMELINE
from tests.unit.seen import tilting


def job(name: str) -> Job:
    return Job(
        Path(name), Path("out"), "standing-tilt", None, None, None, "full", False, False, (), "en"
    )


class Listener:
    """Hears what is said, and presses Ctrl-C while it hears of one of the videos."""

    def __init__(self, interrupted_by: str) -> None:
        self.interrupted_by = interrupted_by
        self.heard: list[Outcome] = []

    def share(self, index: int, share: float) -> None:
        """Nothing is drawn."""

    def finished(self, outcome: Outcome) -> None:
        self.heard.append(outcome)
        if outcome.job.video.name == self.interrupted_by and outcome.exit_code == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize(("during", "codes"), [("a", [0, INTERRUPTED]), ("b", [0, 0, INTERRUPTED])])
def test_ctrl_c_while_a_result_is_told_keeps_it_and_names_the_rest(during, codes, monkeypatch):
    monkeypatch.setattr("posture.cli_batch.run_job", lambda job, _: Outcome(job, "done"))
    listener = Listener(during)
    outcomes = run_in_turn([job("a"), job("b"), job("c")], listener)
    assert [outcome.exit_code for outcome in outcomes] == codes
    assert listener.heard == outcomes


@pytest.fixture
def handler():
    """How this process answers Ctrl-C; so again after the test."""
    before = signal.getsignal(signal.SIGINT)
    yield before
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("handler")
def test_a_ctrl_c_that_native_code_swallows_is_heard_at_the_next_picture(monkeypatch):
    def swallow(job, tell):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)  # once more changes nothing
        tell(0.5)
        return Outcome(job, "done")

    monkeypatch.setattr("posture.cli_batch.run_job", swallow)
    outcomes = run_in_turn([job("a"), job("b")], Listener(""))
    assert [outcome.exit_code for outcome in outcomes] == [INTERRUPTED]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "nor while the program ends"


def test_who_does_not_press_ctrl_c_finds_it_as_it_was(monkeypatch, handler):
    monkeypatch.setattr("posture.cli_batch.run_job", lambda job, _: Outcome(job, "done"))
    run_in_turn([job("a")], Listener(""))
    assert signal.getsignal(signal.SIGINT) is handler


def test_ctrl_c_after_the_last_video_changes_nothing(monkeypatch):
    monkeypatch.setattr("posture.cli_batch.run_job", lambda job, _: Outcome(job, "done"))
    outcomes = run_in_turn([job("a")], Listener("a"))
    assert [outcome.exit_code for outcome in outcomes] == [0]


def test_what_another_run_left_does_not_stand_beside_new_numbers(monkeypatch, tmp_path):
    monkeypatch.setattr("posture.analysis.analyze_video", lambda *_, **__: tilting(turns=1))
    video, folder = tmp_path / "practice.mp4", tmp_path / "practice"
    video.write_bytes(b"video")
    folder.mkdir()
    for name in (*ALL, "my notes.txt"):
        (folder / name).write_text("of another run", encoding="utf-8")
    plain = replace(job("a"), video=video, folder=folder)
    assert run_job(plain).exit_code == 0
    there = {file.name for file in folder.iterdir()}
    assert there == {TIMELINE, REPS, SUMMARY, "run.json", "my notes.txt"}
    assert "another" not in (folder / TIMELINE).read_text(encoding="utf-8")

    assert run_job(replace(plain, report=True)).exit_code == 0
    assert (folder / REPORT).is_file()
    assert run_job(plain).exit_code == 0
    assert not (folder / REPORT).exists()
