import threading

import cv2
import numpy as np
import pytest

from posture.adapters.video_reader import open_video
from posture.errors import ModelError
from posture.guide import SETTINGS as GUIDE
from posture.live.coach import Stage
from posture.live.journal import Why, close_unfinished, finished, read_journal
from posture.live.protocol import BadMessageError, Command, Picture
from posture.live.sessions import BadPassError, FullError, Sessions, SessionSettings, Wish
from posture.live.tally import numbers_of
from posture.programmes import Part, Routine
from tests.unit.people import standing


class FakeLandmarker:
    """Sees a still person, and knows whether it was closed and in which thread it worked."""

    def __init__(self, pose):
        self.pose = pose
        self.frames = []
        self.threads = set()
        self.closed = threading.Event()

    def detect(self, frame):
        assert not self.closed.is_set()
        self.frames.append(frame)
        self.threads.add(threading.get_ident())
        return self.pose

    def close(self):
        self.closed.set()


class Models:
    def __init__(self):
        self.opened = []
        self.names = []

    def __call__(self, name):
        self.names.append(name)
        self.opened.append(FakeLandmarker(standing()))
        return self.opened[-1]


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def models():
    return Models()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(models, clock):
    made = Sessions(models, SessionSettings(most_sessions=2), clock=clock)
    yield made
    made.close()


def wish(owner="anna"):
    return Wish(owner, "pelvis-wave", "en")


def picture(sequence, capture_ms):
    image = np.full((96, 128, 3), sequence % 200, np.uint8)
    return Picture(sequence, capture_ms, cv2.imencode(".jpg", image)[1].tobytes())


def enter(sessions, owner="anna"):
    return sessions.enter(sessions.make_pass(wish(owner)))


def at_work(session):
    worker = session.begin()
    worker.submit(session.load).result(5)
    return worker


def test_a_pass_holds_once(sessions):
    token = sessions.make_pass(wish())
    session, comeback = sessions.enter(token)
    assert session.wish == wish()
    assert comeback != token
    with pytest.raises(BadPassError):
        sessions.enter(token)


def test_a_pass_runs_out(sessions, clock):
    token = sessions.make_pass(wish())
    clock.now_s += sessions.settings.pass_s
    with pytest.raises(BadPassError):
        sessions.enter(token)


@pytest.mark.parametrize("token", ["", "x", "a" * 32])
def test_a_pass_cannot_be_guessed(sessions, token):
    with pytest.raises(BadPassError):
        sessions.enter(token)


def test_a_visitor_has_one_unused_pass(sessions):
    first = sessions.make_pass(wish())
    second = sessions.make_pass(wish())
    other = sessions.make_pass(wish("bert"))
    with pytest.raises(BadPassError):
        sessions.enter(first)
    sessions.enter(second)
    sessions.enter(other)


def test_passes_do_not_pile_up(models, clock):
    sessions = Sessions(models, SessionSettings(most_passes=3), clock=clock)
    tokens = [sessions.make_pass(wish(f"visitor {i}")) for i in range(5)]
    for token in tokens[:2]:
        with pytest.raises(BadPassError):
            sessions.enter(token)
    sessions.enter(tokens[2])


def test_when_it_is_full_the_pass_stays_good(sessions):
    first, _ = enter(sessions)
    enter(sessions, "bert")
    token = sessions.make_pass(wish("carla"))
    with pytest.raises(FullError):
        sessions.enter(token)
    assert sessions.active == 2
    sessions.leave(first, forget=True)
    sessions.enter(token)


def test_a_cut_session_frees_its_model_and_keeps_its_counts(sessions, models):
    session, comeback = enter(sessions)
    worker = at_work(session)
    worker.submit(session.look, picture(1, 1000.0)).result(5)
    coach = session.coach
    sessions.leave(session, forget=False)
    assert models.opened[0].closed.wait(3)
    assert sessions.active == 0
    again, _ = sessions.enter(comeback)
    assert again is session
    assert again.coach is coach
    worker = at_work(again)
    moment = worker.submit(again.look, picture(2, 1500.0)).result(5)
    assert moment.observation.time_s == 0.5
    assert len(models.opened) == 2


def test_a_cut_session_is_forgotten_after_a_while(sessions, clock):
    session, comeback = enter(sessions)
    sessions.leave(session, forget=False)
    clock.now_s += sessions.settings.keep_s
    with pytest.raises(BadPassError):
        sessions.enter(comeback)


def test_a_long_practice_can_still_be_resumed(sessions, clock):
    session, comeback = enter(sessions)
    clock.now_s += 3 * 3600.0
    sessions.leave(session, forget=False)
    assert sessions.enter(comeback)[0] is session


def test_kept_sessions_do_not_pile_up(models, clock):
    sessions = Sessions(models, SessionSettings(most_kept=2), clock=clock)
    comebacks = []
    for index in range(4):
        session, comeback = enter(sessions, f"visitor {index}")
        sessions.leave(session, forget=False)
        comebacks.append(comeback)
        clock.now_s += 1.0
    for comeback in comebacks[:2]:
        with pytest.raises(BadPassError):
            sessions.enter(comeback)
    for comeback in comebacks[2:]:
        sessions.enter(comeback)


def test_a_finished_session_is_forgotten_at_once(sessions):
    session, comeback = enter(sessions)
    sessions.leave(session, forget=True)
    with pytest.raises(BadPassError):
        sessions.enter(comeback)


def test_two_windows_with_one_comeback_do_not_share_a_session(sessions):
    session, comeback = enter(sessions)
    other, _ = sessions.enter(comeback)
    assert other is not session


def test_pictures_out_of_order_are_left_out(sessions):
    session, _ = enter(sessions)
    worker = at_work(session)
    assert worker.submit(session.look, picture(1, 2000.0)).result(5) is not None
    assert worker.submit(session.look, picture(2, 2000.0)).result(5) is None
    assert worker.submit(session.look, picture(3, 1000.0)).result(5) is None
    moment = worker.submit(session.look, picture(4, 2040.0)).result(5)
    assert moment.observation.time_s == pytest.approx(0.04)
    assert moment.observation.index == 1


def test_a_broken_picture_changes_nothing(sessions):
    session, _ = enter(sessions)
    worker = at_work(session)
    good = picture(1, 1000.0)
    broken = Picture(2, 5000.0, b"\xff\xd8" + bytes(50))
    with pytest.raises(BadMessageError, match="decoded"):
        worker.submit(session.look, broken).result(5)
    moment = worker.submit(session.look, good).result(5)
    assert moment.observation.time_s == 0.0


def test_a_clock_that_jumps_by_days_is_refused(sessions):
    session, _ = enter(sessions)
    worker = at_work(session)
    worker.submit(session.look, picture(1, 0.0)).result(5)
    with pytest.raises(BadMessageError, match="day"):
        worker.submit(session.look, picture(2, 2 * 24 * 3600e3)).result(5)


def test_each_session_has_a_thread_of_its_own(sessions, models):
    for owner in ("anna", "bert"):
        session, _ = enter(sessions, owner)
        worker = at_work(session)
        for index in range(5):
            worker.submit(session.look, picture(index, 1000.0 + 40 * index)).result(5)
    threads = [model.threads for model in models.opened]
    assert [len(each) for each in threads] == [1, 1]
    assert threads[0] != threads[1]


def test_fifty_sessions_leave_nothing_behind(sessions, models):
    for _ in range(50):
        session, _ = enter(sessions)
        at_work(session).submit(session.look, picture(1, 1000.0)).result(5)
        sessions.leave(session, forget=True)
    assert all(model.closed.wait(3) for model in models.opened)
    ours = [t for t in threading.enumerate() if t.name.startswith("posture-live")]
    for thread in ours:
        thread.join(3)
    assert not any(thread.is_alive() for thread in ours)


def test_a_model_that_cannot_be_opened_is_told(clock):
    def refuse(name):
        del name
        raise ModelError("The pose model is missing; fetch it.")

    sessions = Sessions(refuse, clock=clock)
    session, _ = enter(sessions)
    with pytest.raises(ModelError):
        session.begin().submit(session.load).result(5)
    sessions.leave(session, forget=False)


def test_the_end_of_the_server_ends_everything(sessions, models):
    session, comeback = enter(sessions)
    at_work(session)
    token = sessions.make_pass(wish("bert"))
    sessions.close()
    assert models.opened[0].closed.wait(3)
    for each in (token, comeback):
        with pytest.raises(BadPassError):
            sessions.enter(each)


@pytest.fixture
def keeping(models, clock, tmp_path):
    settings = SessionSettings(most_kept=1)
    made = Sessions(models, settings, clock=clock, journals=tmp_path)
    yield made
    made.close()


def practise(session, from_ms=1000.0, seconds=6):
    worker = at_work(session)
    for index in range(10 * seconds):
        moment = worker.submit(session.look, picture(index, from_ms + 100.0 * index)).result(5)
    assert moment.stage is Stage.PRACTICE
    return worker


def rested(worker):
    """Wait for what was still to be done in a session's thread."""
    worker.shutdown(wait=True)


def test_a_finished_practice_is_kept(keeping, tmp_path):
    session, _ = enter(keeping)
    worker = practise(session)
    worker.submit(session.finish).result(5)
    keeping.leave(session, forget=True)
    rested(worker)
    (path,) = finished(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    practice = read_journal(path)
    assert practice.why is Why.STOPPED
    assert practice.exercise == "pelvis-wave"
    assert practice.numbers == numbers_of(session.coach.tally, session.coach.reps)
    assert practice.numbers["practised_s"] > 2.0


def test_a_practice_that_was_cut_goes_on_in_the_same_file(keeping, tmp_path):
    session, comeback = enter(keeping)
    worker = practise(session)
    keeping.leave(session, forget=False)
    rested(worker)
    (path,) = tmp_path.iterdir()
    cut = read_journal(path)
    assert cut.why is None
    assert close_unfinished(tmp_path) == ()  # somebody may come back to it
    again, _ = keeping.enter(comeback)
    worker = practise(again, from_ms=60_000.0)
    keeping.leave(again, forget=True)
    rested(worker)
    assert finished(tmp_path) == (path,)
    assert list(tmp_path.iterdir()) == [path]
    practice = read_journal(path)
    assert practice.why is Why.LEFT
    assert practice.pauses[0] == len(cut.samples)
    assert len(practice.samples) == len(cut.samples) + 60


@pytest.mark.parametrize("wanted", [True, False])
def test_a_film_is_kept_only_when_asked(keeping, tmp_path, wanted):
    session, _ = enter(keeping)
    session.wants_film = wanted
    worker = practise(session)
    worker.submit(session.finish).result(5)
    keeping.leave(session, forget=True)
    rested(worker)
    (path,) = finished(tmp_path)
    films = [film for film in tmp_path.iterdir() if film != path]
    assert films == ([path.with_suffix(".mp4")] if wanted else [])
    for film in films:
        with open_video(film) as video:
            assert len(list(video)) == len(read_journal(path).samples)


@pytest.mark.parametrize("how", ["too late", "too many", "the server ends"])
def test_a_practice_to_which_nobody_can_come_back_is_closed(keeping, clock, tmp_path, how):
    session, _ = enter(keeping)
    worker = practise(session)
    keeping.leave(session, forget=False)
    rested(worker)
    assert finished(tmp_path) == ()
    clock.now_s += 1.0
    if how == "too late":
        clock.now_s += keeping.settings.keep_s
        keeping.make_pass(wish("bert"))
    elif how == "too many":
        other, _ = enter(keeping, "bert")
        keeping.leave(other, forget=False)
    else:
        keeping.close()
    (path,) = finished(tmp_path)
    assert read_journal(path).why is Why.LEFT


def test_who_did_not_get_to_practise_leaves_no_file(keeping, tmp_path):
    session, _ = enter(keeping)
    worker = at_work(session)
    worker.submit(session.look, picture(1, 1000.0)).result(5)
    keeping.leave(session, forget=True)
    rested(worker)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("slow_ms", "names"), [(-1.0, ["full", "lite"]), (1e9, ["full"])], ids=["slow", "quick"]
)
def test_a_slow_computer_takes_the_quicker_model(models, monkeypatch, slow_ms, names):
    monkeypatch.setattr("posture.live.choice.SLOW_MS", slow_ms)
    monkeypatch.setattr("posture.live.choice.QUICK_MS", -1.0)
    sessions = Sessions(models, models=("full", "lite"))
    session, _ = enter(sessions)
    practise(session)
    assert models.names == names
    assert session.model == names[-1]
    assert models.opened[0].closed.is_set() is (len(names) == 2)
    sessions.close()


def test_without_a_quicker_model_the_slow_one_goes_on(models, monkeypatch):
    monkeypatch.setattr("posture.live.choice.SLOW_MS", -1.0)
    sessions = Sessions(models)
    session, _ = enter(sessions)
    practise(session)
    assert models.names == ["full"]
    sessions.close()


def test_each_exercise_of_a_routine_is_kept_by_itself(models, clock, tmp_path):
    routine = Routine(
        "two",
        (Part("pelvis-wave", 1.0, explain_s=0.2), Part("standing-tilt", 1.0, explain_s=0.2)),
        own_title="Two",
    )
    sessions = Sessions(models, journals=tmp_path, clock=clock)
    token = sessions.make_pass(Wish("anna", "pelvis-wave", "en", routine=routine))
    session, _ = sessions.enter(token)
    session.wants_film = True
    worker = at_work(session)
    times_ms = iter(range(0, 90_000, 100))

    def practise(seconds):
        for _ in range(round(10 * seconds)):
            now_ms = next(times_ms)
            moment = worker.submit(session.look, picture(now_ms, float(now_ms))).result(5)
        return moment.stage

    assert practise(6) is Stage.PRACTICE
    worker.submit(session.obey, Command.PAUSE).result(5)
    assert practise(1) is Stage.PAUSED
    for command in (Command.RESUME, Command.SKIP, Command.SKIP, Command.SKIP):
        worker.submit(session.obey, command).result(5)
    assert session.coach.exercise.id == "standing-tilt"
    assert practise(6) is Stage.RANGE
    assert practise(2 * GUIDE.give_up_s) is Stage.PRACTICE
    assert not session.is_over
    worker.submit(session.obey, Command.SKIP).result(5)
    assert session.is_over
    worker.submit(session.finish).result(5)
    kept = [read_journal(path) for path in finished(tmp_path)]
    assert sorted(practice.exercise for practice in kept) == ["pelvis-wave", "standing-tilt"]
    assert {practice.why for practice in kept} == {Why.STOPPED}
    assert all(len(practice.samples) > 10 for practice in kept)
    practised = [each.coach for each in session.course.practised]
    assert [session.kept(coach) for coach in practised] == ["live.summary.film_kept"] * 2
    sessions.close()


def test_without_a_routine_there_is_nothing_to_skip(sessions):
    session, _ = enter(sessions)
    worker = at_work(session)
    stage = worker.submit(session.look, picture(1, 0.0)).result(5).stage
    for command in (Command.SKIP, Command.PAUSE, Command.RESUME, Command.REPEAT):
        worker.submit(session.obey, command).result(5)
    assert worker.submit(session.look, picture(2, 100.0)).result(5).stage is stage
