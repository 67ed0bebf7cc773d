"""Many videos, one after the other, and Ctrl-C at any moment."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from posture import cli_analyze
from posture.cli_batch import INTERRUPTED, Job, Outcome, run_in_turn, run_job
from posture.cli_commands import main
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


@pytest.mark.parametrize(
    ("words", "threads", "at_once"),
    [((), None, 1), (("--jobs", "1"), 1, 1), (("--jobs", "2"), 1, 2), (("--jobs", "9"), 1, 3)],
)
def test_with_jobs_each_video_has_a_core_and_without_one_has_all(
    words, threads, at_once, monkeypatch
):
    told = []

    def in_turn(work, _watch):
        told.append((1, {job.threads for job in work}))
        return []

    def side_by_side(work, at_once, _watch):
        told.append((at_once, {job.threads for job in work}))
        return []

    monkeypatch.setattr(cli_analyze, "ensure_model", lambda *_: None)
    monkeypatch.setattr(cli_analyze, "run_in_turn", in_turn)
    monkeypatch.setattr(cli_analyze, "run_side_by_side", side_by_side)
    run = CliRunner().invoke(main, ["analyze", "a.mp4", "b.mp4", "c.mp4", *words])
    assert run.exit_code == 0, run.output
    assert told == [(at_once, {threads})]


def test_what_is_finished_stays_so_with_another_number_of_cores(monkeypatch, tmp_path):
    used = []

    def analyze_video(*_, threads, **__):
        used.append(threads)
        return tilting(turns=1)

    monkeypatch.setattr("posture.analysis.analyze_video", analyze_video)
    video = tmp_path / "practice.mp4"
    video.write_bytes(b"video")
    plain = replace(job("a"), video=video, folder=tmp_path / "practice", threads=1)
    assert not run_job(plain).done_before
    assert run_job(replace(plain, threads=None)).done_before
    assert used == [1]


@pytest.mark.parametrize("weights", ["learned_tilt", "learned_turn"])
def test_what_is_finished_is_done_again_with_other_weights(weights, monkeypatch, tmp_path):
    monkeypatch.setattr("posture.analysis.analyze_video", lambda *_, **__: tilting(turns=1))
    video = tmp_path / "practice.mp4"
    video.write_bytes(b"video")
    plain = replace(job("a"), video=video, folder=tmp_path / "practice")
    assert not run_job(plain).done_before
    monkeypatch.setattr(
        f"posture.adapters.weights.{weights}", lambda: SimpleNamespace(name="fitted since")
    )
    assert not run_job(plain).done_before
    assert run_job(plain).done_before
