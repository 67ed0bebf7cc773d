import json
import os
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from posture.adapters.live_film import Film
from posture.adapters.video_reader import open_video
from posture.datatypes import Quality, Rep, RepKind, Verdict
from posture.live.journal import Journal, Why
from posture.live_history import keep_practices
from posture.store import Source, open_store
from posture.ui.review import review_of_session
from tests.unit.ui.recordings import wave

REP = Rep(1, RepKind.FORWARD, 0.2, 1.0, 2.0, 9.5, "deg", Verdict.GOOD)


@pytest.fixture
def store(tmp_path):
    with open_store(folder=tmp_path / "history") as opened:
        yield opened


def practise(folder, *, end=True):
    """A live practice of four seconds; returns its journal's file."""
    journal = Journal(folder, "standing-tilt", "nl", "full")
    for one in wave(40):
        journal.add(one.sample, "neutral", (REP,) if one.sample.time_s >= 2 else ())
    journal.keep()
    if end:
        journal.close(Why.STOPPED, (REP,), {})
    return journal


def test_a_practice_becomes_a_session_and_its_journal_goes(store, tmp_path):
    before = datetime.now(UTC)
    journal = practise(tmp_path / "live")
    (added,) = keep_practices(store, tmp_path / "live")
    assert not journal.path.exists()
    record = store.get(added)
    assert record.source is Source.LIVE
    assert record.exercise == "standing-tilt"
    assert abs((record.started_at - before).total_seconds()) < 60
    assert record.duration_s == pytest.approx(4.0)
    assert record.reading_share == 1.0
    assert record.reps == (REP,)
    assert record.tilt_forward_deg == pytest.approx(10.0, abs=0.2)
    curve = [r.sample.pelvic_tilt_deg for r in store.analysis(added).results]
    assert np.allclose(curve, [one.sample.pelvic_tilt_deg for one in wave(40)], atol=0.01)
    assert [r.rep for r in store.analysis(added).results].count(1) == 20
    assert keep_practices(store, tmp_path / "live") == ()


def test_a_practice_that_goes_on_is_left_alone(store, tmp_path):
    journal = practise(tmp_path / "live", end=False)
    assert keep_practices(store, tmp_path / "live") == ()
    assert journal.path.exists()
    journal.close(Why.LEFT, (REP,), {})
    assert len(keep_practices(store, tmp_path / "live")) == 1


def test_an_interruption_before_the_journal_went_doubles_nothing(store, tmp_path):
    journal = practise(tmp_path / "live")
    content = journal.path.read_bytes()
    (added,) = keep_practices(store, tmp_path / "live")
    journal.path.write_bytes(content)
    assert keep_practices(store, tmp_path / "live") == ()
    assert store.ids() == (added,)
    assert not journal.path.exists()


def test_what_was_deleted_does_not_come_back(store, tmp_path):
    practise(tmp_path / "live")
    (added,) = keep_practices(store, tmp_path / "live")
    store.delete(added)
    assert keep_practices(store, tmp_path / "live") == ()
    assert store.ids() == ()


def test_a_damaged_journal_is_named_and_left_and_stops_no_other(store, tmp_path, caplog):
    bad = tmp_path / "live" / "20260101T000000Z-bad.jsonl"
    practise(tmp_path / "live")
    bad.write_text('["no header"]\n{"kind":"end","why":"stopped"}\n')
    assert len(keep_practices(store, tmp_path / "live")) == 1
    assert bad.exists()
    assert bad.name in caplog.text


def test_no_folder_is_no_practice(store, tmp_path):
    assert keep_practices(store, tmp_path / "nothing") == ()


def test_unread_moments_stay_unread(store, tmp_path):
    journal = Journal(tmp_path / "live", "standing-tilt", "nl", "full")
    for one in wave(10):
        lost = replace(one.sample, quality=Quality.NONE, pelvic_tilt_deg=float("nan"))
        journal.add(lost, "neutral", ())
    journal.close(Why.STOPPED, (), {})
    assert json.loads(journal.path.read_text().splitlines()[-1])["kind"] == "end"
    (added,) = keep_practices(store, tmp_path / "live")
    assert store.get(added).reading_share == 0.0


def with_film(folder, *, pictures=40):
    """A practice of four seconds that began at second 7, with its film."""
    journal = Journal(folder, "standing-tilt", "nl", "full")
    film = Film(folder / f"{journal.name}.mp4")
    rep = replace(REP, start_s=7.2, peak_s=8.0, end_s=9.0)
    for index, one in enumerate(wave(40)):
        sample = replace(one.sample, time_s=7.0 + one.sample.time_s)
        journal.add(sample, "neutral", (rep,) if sample.time_s >= 9 else ())
        if index < pictures:
            film.add(np.full((64, 96, 3), 5 * index, np.uint8), sample.time_s)
    film.close()
    journal.close(Why.STOPPED, (rep,), {})
    return journal, film


def test_a_film_becomes_the_sessions_video_and_goes_with_it(store, tmp_path):
    journal, film = with_film(tmp_path / "live")
    (added,) = keep_practices(store, tmp_path / "live")
    assert not journal.path.exists()
    assert not film.path.exists()
    record = store.get(added)
    video = store.video(record)
    assert record.video_file
    with open_video(video) as shown:
        film_s = [frame.time_s for frame in shown]
    results = store.analysis(added).results
    assert film_s == pytest.approx([r.sample.time_s for r in results], abs=1e-3)
    assert results[0].sample.time_s == 0.0
    (rep,) = record.reps
    assert (rep.start_s, rep.peak_s, rep.end_s) == pytest.approx((0.2, 1.0, 2.0))
    store.delete(added)
    assert not video.exists()


def test_a_practice_with_a_film_has_its_report_and_its_annotated_video(store, tmp_path):
    with_film(tmp_path / "live")
    (added,) = keep_practices(store, tmp_path / "live")
    review = review_of_session(store, added)
    assert "data:image/jpeg" in review.report("report.html", "en").decode()
    (tmp_path / "annotated.mp4").write_bytes(review.annotated("nl"))
    with open_video(tmp_path / "annotated.mp4") as drawn:
        assert len(list(drawn)) == 40


def test_a_film_that_does_not_play_costs_no_numbers(store, tmp_path):
    _, film = with_film(tmp_path / "live")
    film.path.write_bytes(b"nothing")
    (added,) = keep_practices(store, tmp_path / "live")
    assert store.get(added).video_file == ""
    assert store.analysis(added).results[0].sample.time_s == 0.0
    assert list((tmp_path / "live").iterdir()) == []


def test_a_film_without_a_practice_is_removed_after_a_while(store, tmp_path):
    for name, age_s in (("old", 4000.0), ("young", 0.0)):
        film = Film(tmp_path / "live" / f"{name}.mp4")
        film.add(np.zeros((64, 96, 3), np.uint8), 0.0)
        film.close()
        then = film.path.stat().st_mtime - age_s
        os.utime(film.path, (then, then))
    assert keep_practices(store, tmp_path / "live") == ()
    assert [film.stem for film in (tmp_path / "live").iterdir()] == ["young"]
