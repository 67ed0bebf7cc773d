"""Jobs of the page: their states, cancelling, keeping and cleaning up."""

import threading
from math import isnan, nan

import pytest

from posture.adapters.files import taken
from posture.errors import InputError, OutputError
from posture.ui.jobs import (
    ALIVE,
    FOLDER_PREFIX,
    ORDER,
    Board,
    CancelledError,
    Stage,
    open_board,
    take_over,
    time_left_s,
)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


class Gate:
    """Work that stops at each step until it is let through."""

    def __init__(self):
        self.begun = threading.Event()
        self.on = threading.Event()
        self.result = "result"

    def __call__(self, report):
        report(Stage.LOOKING, 0.25)
        self.begun.set()
        assert self.on.wait(10)
        report(Stage.WRITING, 0.75)
        return self.result


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def board(tmp_path, clock):
    opened = Board(tmp_path / "root", keep_s=100.0, clock=clock)
    yield opened
    opened.close()


def submit(board, work, title="video"):
    job_id, folder = board.make_folder()
    (folder / "input").touch()
    return board.submit(job_id, title, work)


def finished(job):
    """Wait for a job's end; jobs are done one after the other in the order they came."""
    done = threading.Event()

    def look():
        while not job.state.stage.finished:
            if done.wait(0.005):
                return
        done.set()

    watcher = threading.Thread(target=look)
    watcher.start()
    ended = done.wait(10)
    done.set()
    watcher.join()
    assert ended, f"the job is still {job.state.stage}"
    return job.state


def test_a_job_goes_through_its_stages_to_its_result(board, clock):
    gate = Gate()
    job = submit(board, gate)
    assert gate.begun.wait(10)
    assert (job.state.stage, job.state.share) == (Stage.LOOKING, 0.25)
    assert job.state.result is None
    clock.now_s = 30.0
    gate.on.set()
    state = finished(job)
    assert (state.stage, state.share, state.left_s) == (Stage.DONE, 1.0, 0.0)
    assert state.result == "result"
    assert state.error is None


def test_one_job_waits_for_the_other(board):
    first, second = Gate(), Gate()
    one, two = submit(board, first), submit(board, second)
    assert first.begun.wait(10)
    assert two.state.stage is Stage.WAITING
    second.on.set()
    first.on.set()
    assert finished(one).stage is finished(two).stage is Stage.DONE


@pytest.mark.parametrize("error", [InputError("no video"), RuntimeError("a bug")])
def test_what_goes_wrong_is_kept_for_the_page(board, error):
    def work(_report):
        raise error

    state = finished(submit(board, work))
    assert state.stage is Stage.FAILED
    assert state.error is error
    assert finished(submit(board, lambda _: "the next one")).result == "the next one"


def test_cancelling_running_work_stops_it_at_its_next_report(board):
    gate = Gate()
    job = submit(board, gate)
    assert gate.begun.wait(10)
    job.cancel()
    gate.on.set()
    state = finished(job)
    assert state.stage is Stage.CANCELLED
    assert state.result is None


def test_cancelled_while_waiting_it_never_starts(board):
    first, second = Gate(), Gate()
    one, two = submit(board, first), submit(board, second)
    assert first.begun.wait(10)
    two.cancel()
    assert two.state.stage is Stage.CANCELLED
    first.on.set()
    finished(one)
    assert finished(submit(board, lambda _: 1)).stage is Stage.DONE
    assert not second.begun.is_set()


def test_cancelling_a_finished_job_changes_nothing(board):
    job = submit(board, lambda _: 7)
    finished(job)
    job.cancel()
    assert job.state.stage is Stage.DONE
    assert job.state.result == 7


def test_work_that_finishes_although_cancelled_has_no_result(board):
    begun, on = threading.Event(), threading.Event()

    def work(_report):
        begun.set()
        assert on.wait(10)
        return "too late"

    job = submit(board, work)
    assert begun.wait(10)
    job.cancel()
    on.set()
    assert finished(job).stage is Stage.CANCELLED
    assert job.state.result is None


def test_the_work_sees_that_it_is_cancelled(board):
    seen = []
    gate = Gate()

    def work(report):
        try:
            gate(report)
        except CancelledError:
            seen.append("stopped")
            raise

    job = submit(board, work)
    assert gate.begun.wait(10)
    job.cancel()
    gate.on.set()
    finished(job)
    assert seen == ["stopped"]


def test_a_job_is_found_by_its_id_alone(board):
    job = submit(board, lambda _: 1)
    assert board.get(job.id) is job
    assert board.get("another") is None
    assert len(job.id) >= 16


def test_removing_a_job_deletes_what_it_wrote(board):
    job = submit(board, lambda _: 1)
    finished(job)
    assert job.folder.is_dir()
    board.remove(job.id)
    finished(submit(board, lambda _: 2))  # in line behind the deleting
    assert not job.folder.exists()
    assert board.get(job.id) is None


def test_removing_a_running_job_deletes_after_it_has_stopped(board):
    gate = Gate()
    job = submit(board, gate)
    assert gate.begun.wait(10)
    board.remove(job.id)
    assert job.folder.is_dir()
    gate.on.set()
    finished(submit(board, lambda _: 2))
    assert not job.folder.exists()


def test_jobs_that_nobody_asks_for_are_swept_away(board, clock):
    old, used = submit(board, lambda _: 1), submit(board, lambda _: 2)
    finished(old)
    finished(used)
    clock.now_s = 90.0
    board.get(used.id)
    clock.now_s = 110.0
    board.sweep()
    assert board.get(old.id) is None
    assert board.get(used.id) is used
    finished(submit(board, lambda _: 3))
    assert not old.folder.exists()
    assert used.folder.is_dir()


def test_running_work_is_never_swept_away(board, clock):
    gate = Gate()
    job = submit(board, gate)
    assert gate.begun.wait(10)
    clock.now_s = 1e6
    board.sweep()
    assert board.get(job.id) is job
    gate.on.set()
    assert finished(job).stage is Stage.DONE


def test_closing_stops_everything_and_deletes_the_root(tmp_path):
    board = Board(tmp_path / "root")
    gate = Gate()
    running, waiting = submit(board, gate), submit(board, Gate())
    assert gate.begun.wait(10)
    threading.Timer(0.05, gate.on.set).start()
    board.close()
    assert running.state.stage is waiting.state.stage is Stage.CANCELLED
    assert not (tmp_path / "root").exists()


def test_the_folders_are_private(board):
    _, folder = board.make_folder()
    assert folder.stat().st_mode & 0o077 == 0


def test_no_place_for_results_is_said_in_a_sentence(tmp_path):
    (tmp_path / "root").write_text("a file in the way", encoding="utf-8")
    board = Board(tmp_path / "root")
    with pytest.raises(OutputError, match="no place for results"):
        board.make_folder()
    board.close()


def test_open_board_is_private_and_gone_when_closed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    board = open_board()
    (root,) = tmp_path.glob(f"{FOLDER_PREFIX}*")
    assert root.stat().st_mode & 0o077 == 0
    board.close()
    assert not root.exists()


@pytest.fixture
def killed(tmp_path):
    """The folder of a server that was killed while it worked on one job and had lost another."""
    root = tmp_path / f"{FOLDER_PREFIX}killed"
    for job_id in ("ordered", "forgotten"):
        (root / job_id / "input").mkdir(parents=True)
    (root / "ordered" / ORDER).write_text("what was wanted", encoding="utf-8")
    (root / ALIVE).touch()
    return root


def test_what_a_killed_server_had_not_finished_is_taken_over_and_the_rest_deleted(
    tmp_path, board, killed
):
    (tmp_path / "other").mkdir()
    take_over(tmp_path, board)
    assert not killed.exists()
    assert (tmp_path / "other").exists()
    ((job_id, (folder, order)),) = board.left().items()
    assert (job_id, order) == ("ordered", "what was wanted")
    assert (folder / "input").is_dir()
    assert board.get(job_id) is None

    job = board.submit(job_id, "again", lambda _: 5, order=order)
    assert board.left() == {}
    assert finished(job).result == 5
    assert job.folder == folder


def test_a_living_server_keeps_its_folder(tmp_path, board, killed):
    let_go = taken(killed / ALIVE)
    take_over(tmp_path, board)
    assert board.left() == {}
    assert (killed / "ordered" / ORDER).exists()
    let_go()
    take_over(tmp_path, board)
    assert list(board.left()) == ["ordered"]


def test_a_folder_that_was_made_just_now_is_left_alone_before_it_is_locked(tmp_path, board, killed):
    (killed / ALIVE).unlink()
    made_s = killed.stat().st_mtime
    take_over(tmp_path, board, now_s=made_s + 1.0)
    assert killed.exists()
    take_over(tmp_path, board, now_s=made_s + 3600.0)
    assert not killed.exists()


@pytest.mark.usefixtures("killed")
def test_what_was_left_is_deleted_when_nobody_wants_it(tmp_path, board, clock):
    take_over(tmp_path, board)
    ((_, (folder, _)),) = board.left().items()
    clock.now_s = 110.0
    board.sweep()
    finished(submit(board, lambda _: 1))
    assert board.left() == {}
    assert not folder.exists()


def test_an_order_is_kept_while_there_is_something_to_go_on_with(board):
    def fail(_report):
        raise InputError("no video")

    for work, kept in ((lambda _: 1, True), (fail, False)):
        job_id, folder = board.make_folder()
        finished(board.submit(job_id, "video", work, order="what was wanted"))
        finished(submit(board, lambda _: 2))
        assert (folder / ORDER).exists() is kept


@pytest.mark.parametrize(
    ("elapsed_s", "share", "left_s"), [(10.0, 0.5, 10.0), (30.0, 0.75, 10.0), (8.0, 1.0, 0.0)]
)
def test_time_left_follows_the_pace_so_far(elapsed_s, share, left_s):
    assert time_left_s(elapsed_s, share) == pytest.approx(left_s)


@pytest.mark.parametrize(("elapsed_s", "share"), [(0.5, 0.5), (10.0, 0.0), (10.0, nan)])
def test_time_left_is_not_guessed(elapsed_s, share):
    assert isnan(time_left_s(elapsed_s, share))
