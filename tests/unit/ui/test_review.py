"""A recording under review: corrected, written out, kept in the history and opened again."""

import csv
import io
import json
from dataclasses import replace

import pytest

from posture.analysis import Corrector
from posture.corrections import ORIGINAL, Corrections
from posture.datatypes import TimeWindow
from posture.errors import InputError, OutputError, UsageError
from posture.features import Observation
from posture.locales import LANGUAGES
from posture.recording import REPS, SUMMARY, TIMELINE
from posture.store import open_store
from posture.store.corrected import CORRECTED, keep_corrected, read_corrected
from posture.ui.player.track import story
from posture.ui.put_right import ADDED, EXCLUDED, NEUTRAL, told, with_stretch
from posture.ui.review import Review, review_of_session
from tests.unit.seen import tilting

WINDOW = TimeWindow(1.0, 2.0)
LATER = TimeWindow(2.5, 3.2)


@pytest.fixture(scope="module")
def analysis():
    return tilting(turns=1)


@pytest.fixture
def store(tmp_path):
    with open_store(folder=tmp_path / "history") as opened:
        yield opened


def test_putting_right_changes_curve_summary_and_files(analysis):
    review = Review(analysis)
    before = review.curve
    review.correct(ORIGINAL.without(analysis.reps[0]))
    assert len(review.analysis.reps) == len(analysis.reps) - 1
    assert len(json.loads(review.file("reps.json"))) == len(analysis.reps) - 1
    review.correct(Corrections(excluded=(WINDOW,)))
    assert review.curve != before
    rows = list(csv.DictReader(io.StringIO(review.file("timeline.csv").decode())))
    assert {row["reason"] for row in rows if 1.0 <= float(row["time_s"]) <= 2.0} == {"excluded"}
    review.correct(ORIGINAL)
    assert review.analysis is analysis
    assert review.curve == before


def test_what_is_refused_changes_nothing(analysis):
    review = Review(analysis)
    review.correct(Corrections(excluded=(WINDOW,)))
    with pytest.raises(UsageError):
        review.correct(Corrections(neutral=TimeWindow(900, 901)))
    assert review.corrections == Corrections(excluded=(WINDOW,))


def test_what_is_kept_comes_back_with_its_corrections_and_its_original(analysis, store, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    review = Review(analysis, film)
    first = analysis.reps[0]
    review.correct(ORIGINAL.without(first))
    session_id = review.keep(store, with_video=True)
    assert store.get(session_id).corrections is not None
    assert len(store.get(session_id).reps) == len(analysis.reps) - 1

    again = review_of_session(store, session_id)
    assert again.name == analysis.path.name
    assert again.practised is not None
    assert again.film.read_bytes() == b"film"
    assert again.corrections == review.corrections
    assert again.curve == review.curve
    again.correct(ORIGINAL)
    assert len(again.analysis.reps) == len(analysis.reps)
    assert store.get(session_id).corrections is None
    assert len(store.get(session_id).reps) == len(analysis.reps)


def test_what_was_seen_is_read_only_once_it_is_needed(analysis, store):
    session_id = Review(analysis).keep(store, with_video=False)
    again = review_of_session(store, session_id)
    assert again.correctable
    assert again.original.results[0].observation.landmarks_px is None
    assert again.body() == Review(analysis).body
    again.correct(ORIGINAL.without(analysis.reps[0]))
    assert again.original.results[0].observation.landmarks_px is not None
    assert len(again.analysis.reps) == len(analysis.reps) - 1


@pytest.fixture
def corrected(analysis, store):
    """A session of the history in which three things were put right, and the review that did."""
    review = Review(analysis)
    session_id = review.keep(store, with_video=False)
    wishes = replace(ORIGINAL.without(analysis.reps[0]), neutral=WINDOW, excluded=(LATER,))
    review.correct(wishes)
    return session_id, review


def numbers(review):
    """Everything that is shown of a recording and all its files."""
    shown = (review.curve, story(review.analysis, "en", correctable=True))
    return repr((shown, [review.file(name) for name in (TIMELINE, REPS, SUMMARY)]))


def no_correcting(*_):
    raise AssertionError("corrected anew")


def test_a_corrected_session_opens_without_being_corrected_anew(corrected, store, monkeypatch):
    session_id, review = corrected
    with monkeypatch.context() as patched:
        patched.setattr(Corrector, "correct", no_correcting)
        again = review_of_session(store, session_id)
        assert again.corrections == review.corrections
        assert numbers(again) == numbers(review)
    assert again.original.corrections == ORIGINAL
    again.correct(ORIGINAL)
    review.correct(ORIGINAL)
    assert numbers(again) == numbers(review)


@pytest.mark.parametrize("spoil", ["gone", "damaged", "other"])
def test_corrected_numbers_that_do_not_fit_are_worked_out_again(corrected, store, spoil):
    session_id, review = corrected
    folder = store.session_folder(session_id)
    kept = folder / CORRECTED
    if spoil == "gone":
        kept.unlink()
    elif spoil == "damaged":
        kept.write_bytes(b"nothing")
    else:
        other = Review(review.original)
        other.correct(Corrections(neutral=LATER))
        keep_corrected(folder, other.analysis)
    assert read_corrected(folder, review.corrections, None) is None
    again = review_of_session(store, session_id)
    assert numbers(again) == numbers(review)
    assert read_corrected(folder, review.corrections, None) is not None


def test_corrected_numbers_go_with_the_corrections_and_with_the_session(corrected, store):
    session_id, review = corrected
    folder = store.session_folder(session_id)
    assert (folder / CORRECTED).is_file()
    review.correct(ORIGINAL)
    assert not (folder / CORRECTED).exists()
    review.correct(Corrections(neutral=LATER))
    assert (folder / CORRECTED).is_file()
    store.delete(session_id)
    assert not folder.exists()


def test_where_corrected_numbers_cannot_be_written_nothing_is_lost(corrected, store, monkeypatch):
    session_id, review = corrected

    def full(*_, **__):
        raise OutputError("error.result.table_not_written", path="?", why="no space left")

    monkeypatch.setattr("posture.store.corrected.write_samples", full)
    review.correct(Corrections(neutral=LATER))
    assert numbers(review_of_session(store, session_id)) == numbers(review)


def test_when_what_was_seen_is_gone_that_is_said_and_the_numbers_stay(analysis, store):
    session_id = Review(analysis).keep(store, with_video=False)
    again = review_of_session(store, session_id)
    store.delete(session_id)
    with pytest.raises(InputError, match="samples"):
        again.correct(ORIGINAL.without(analysis.reps[0]))
    assert len(again.analysis.reps) == len(analysis.reps)


def test_what_was_deleted_from_the_history_can_still_be_put_right_and_kept_anew(analysis, store):
    review = Review(analysis)
    store.delete(review.keep(store, with_video=False))
    review.correct(ORIGINAL.without(analysis.reps[0]))
    assert len(review.analysis.reps) == len(analysis.reps) - 1
    assert review.session_id == ""
    assert store.get(review.keep(store, with_video=False)).corrections is not None


def test_the_report_names_the_video_as_the_person_does(analysis):
    review = Review(analysis, name="tuesday.mov")
    assert "tuesday.mov" in review.report("report.html", "en").decode()
    assert review.report("report.pdf", "nl").startswith(b"%PDF")


def test_without_the_video_only_the_numbers_are_kept(analysis, store, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    session_id = Review(analysis, film).keep(store, with_video=False)
    again = review_of_session(store, session_id)
    assert again.film is None
    assert again.curve == Review(analysis).curve


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_correction_is_told_and_can_be_undone_by_itself(lang):
    corrections = ORIGINAL
    for what in (NEUTRAL, ADDED, EXCLUDED):
        corrections = with_stretch(corrections, what, WINDOW)
    corrections = Corrections(
        "bridge", corrections.neutral, corrections.excluded, (WINDOW,), corrections.added
    )
    items = told(corrections, lang)
    assert len({words for words, _ in items}) == 5
    for _, left in items:
        assert len(told(left, lang)) == 4
    _, last = items[-1]
    while told(last, lang):
        _, last = told(last, lang)[0]
    assert last == ORIGINAL


def test_of_a_live_practice_only_the_numbers_are_kept_so_nothing_is_put_right(analysis):
    results = tuple(
        replace(r, observation=Observation(r.observation.index, r.observation.time_s, (0, 0), 0.5))
        for r in analysis.results
    )
    live = replace(analysis, results=results, calibration=None)
    assert Review(analysis).correctable
    review = Review(live)
    assert not review.correctable
    shown = story(review.analysis, "nl", correctable=review.correctable)
    assert not shown["correctable"]
    assert shown["neutral"] is None
    assert len(shown["reps"]) == len(analysis.reps)
