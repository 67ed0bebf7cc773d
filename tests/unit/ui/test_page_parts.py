"""Small decisions of the page: language, names, which exercise a sample shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from posture.adapters.model_store import ModelState, ModelStatus
from posture.analysis import Progress
from posture.corrections import Corrections
from posture.datatypes import TimeWindow
from posture.errors import InputError, OutputError, PostureError
from posture.guess import Guess
from posture.locales import LANGUAGES, has_text, text
from posture.resources import sample_videos
from posture.ui import work
from posture.ui.choose import safe_name
from posture.ui.jobs import CancelledError, Stage
from posture.ui.language import choose_language
from posture.ui.samples import exercise_of, in_order, sample_label, shown_title
from posture.ui.watch import _plain
from tests.unit.ui.recordings import recording, wave


@pytest.mark.parametrize(
    ("asked", "browser", "lang"),
    [
        (None, "nl-BE", "nl"),
        (None, "nl", "nl"),
        (None, "en-US", "en"),
        (None, "fr-FR", "en"),
        (None, None, "en"),
        ("nl", "en-US", "nl"),
        ("en", "nl-NL", "en"),
        ("xx", "nl-NL", "nl"),
        ("../en", "", "en"),
    ],
)
def test_the_address_outranks_the_browser(asked, browser, lang):
    assert choose_language(asked, browser) == lang


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("squat.mp4", "squat.mp4"),
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\films\\me.mov", "me.mov"),
        (".mp4", "mp4"),
        ("..", "video"),
        ("", "video"),
        ("a" * 300 + ".mp4", "a" * 80 + ".mp4"),
    ],
)
def test_an_uploads_name_stays_in_its_folder(given, kept):
    assert safe_name(given) == kept


def test_a_sample_belongs_to_the_exercise_in_its_name():
    assert exercise_of(Path("standing_tilt_left.mp4")) == "standing-tilt"
    assert exercise_of(Path("small_bridge.mp4")) == "small-bridge"
    assert exercise_of(Path("unknown.mp4")) == "standing-tilt"


def test_the_plainest_sample_comes_first():
    names = ["bridge", "an_empty_room", "standing_tilt_right", "standing_tilt_left"]
    stems = [video.stem for video in in_order(Path(f"{name}.mp4") for name in names)]
    assert stems == ["standing_tilt_left", "standing_tilt_right", "bridge", "an_empty_room"]


def test_a_sample_is_called_by_its_exercise_and_what_sets_it_apart():
    tilt = text("exercise.standing-tilt.name", "nl")
    assert sample_label(Path("standing_tilt_left.mp4"), "nl") == f"{tilt}, kijkt naar links"
    assert sample_label(Path("bridge.mp4"), "en") == text("exercise.bridge.name", "en")
    assert sample_label(Path("bridge_at_night.mp4"), "en").endswith(", at night")
    assert sample_label(Path("something_else.mp4"), "en") == "something else"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_sets_our_own_samples_apart_is_said_in_words(lang):
    for video in sample_videos():
        assert "_" not in sample_label(video, lang)


def test_our_own_videos_are_shown_by_what_they_show():
    assert shown_title("standing_tilt_left.mp4", "nl").endswith("kijkt naar links")
    assert shown_title("holiday_2024.mp4", "nl") == "holiday_2024.mp4"


def test_a_name_is_no_formatting():
    assert _plain("a*b_[c](d)<e>$f$.mp4") == r"a\*b\_\[c\]\(d\)\<e\>\$f\$\.mp4"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_has_its_heading(lang):
    for error in (PostureError, *PostureError.__subclasses__()):
        assert has_text(f"page.refusal.{error.__name__}", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stage_of_work_has_its_words(lang):
    for stage in Stage:
        assert stage.finished or text(f"page.progress.{stage}", lang)


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """The work of a job, with the slow parts replaced by what they report."""

    class Models:
        """Models that are all here."""

        def status(self, name):
            return ModelStatus(name, ModelState.READY, Path(name), 1, "")

    def analyze_video(_path, _request, *, on_progress):
        for done_s in (1.0, 2.0):
            on_progress(Progress(done_s, 2.0, 1))
        return recording(wave(20))

    def write_annotated(_video, target, _draw, *, on_progress):
        on_progress(0.5)
        target.write_bytes(b"video")

    monkeypatch.setattr(work, "ModelStore", Models)
    monkeypatch.setattr(work, "analyze_video", analyze_video)
    monkeypatch.setattr(work, "write_annotated", write_annotated)
    order = work.Order(Path("v.mp4"), "my video.mp4", "standing-tilt")
    return lambda: work.work_on(order, tmp_path)


def test_the_work_reports_one_rising_share_and_leaves_a_film(quick, tmp_path):
    reports = []
    review = quick()(lambda stage, share: reports.append((stage, share)))
    shares = [share for _, share in reports]
    assert shares == sorted(shares)
    assert {stage for stage, _ in reports} == {Stage.LOOKING, Stage.WRITING}
    assert review.film == tmp_path / "film.mp4"


def test_after_a_kill_what_was_finished_is_not_done_again(quick, monkeypatch, tmp_path):
    first = quick()(lambda _stage, _share: None)
    first.correct(Corrections(excluded=(TimeWindow(0.5, 1.0),)))

    def again(*_args, **_more):
        pytest.fail("it was all there")

    monkeypatch.setattr(work, "analyze_video", again)
    monkeypatch.setattr(work, "write_annotated", again)
    second = quick()(lambda _stage, _share: None)
    assert second.curve == first.curve
    assert second.corrections == first.corrections
    assert second.film == first.film

    (tmp_path / "samples.parquet").write_bytes(b"torn")
    with pytest.raises(pytest.fail.Exception):
        quick()(lambda _stage, _share: None)


def test_the_exercise_is_guessed_only_where_nobody_named_it(quick, monkeypatch, tmp_path):
    assert quick()(lambda _stage, _share: None).guess is None
    monkeypatch.setattr(work, "guess", lambda _analysis: Guess("monkey"))
    order = work.Order(Path("v.mp4"), "my video.mp4")
    review = work.work_on(order, tmp_path)(lambda _stage, _share: None)
    assert review.guess == Guess("monkey")
    assert review.original.request.exercise == "standing-tilt"

    review.settle("monkey")
    assert review.guess is None
    assert review.original.request.exercise == "monkey"
    assert not review.corrections
    left = work.Order.from_json((tmp_path / "order.json").read_text(encoding="utf-8"))
    assert left == replace(order, exercise="monkey")
    again = work.work_on(left, tmp_path)(lambda _stage, _share: None)
    assert (again.guess, again.original.request.exercise) == (None, "monkey")


@pytest.mark.parametrize("line", ["", "[]", '["v.mp4", "v", null, [2, 1, 0]]', "{}"])
def test_a_damaged_order_is_refused(line):
    with pytest.raises(InputError, match="anew"):
        work.Order.from_json(line)


def test_an_order_comes_back_as_it_was():
    order = work.Order(Path("input/v.mp4"), "my video.mp4", None, TimeWindow(0.5, 2.0))
    assert work.Order.from_json(order.to_json()) == order


def test_without_room_for_the_film_the_numbers_are_kept(quick, monkeypatch):
    def full(*_args, **_more):
        raise OutputError("the disk is full")

    monkeypatch.setattr(work, "write_annotated", full)
    review = quick()(lambda _stage, _share: None)
    assert review.film is None
    assert "full" in str(review.film_error)
    assert review.file("timeline.csv").startswith(b"frame,")


def test_a_model_that_is_not_here_is_fetched_first(quick, monkeypatch):
    fetched, stages = [], []

    class Models:
        def status(self, name):
            return ModelStatus(name, ModelState.MISSING, Path(name), 1, "")

        def fetch(self, name, *, progress):
            progress(None)
            fetched.append(name)

    monkeypatch.setattr(work, "ModelStore", Models)
    quick()(lambda stage, _share: stages.append(stage))
    assert fetched == ["full"]
    assert stages[0] is Stage.FETCHING
    assert stages[-1] is Stage.WRITING


def test_cancelling_gets_through(quick):
    def stop(_stage, _share):
        raise CancelledError

    with pytest.raises(CancelledError):
        quick()(stop)


def test_a_video_of_unknown_length_counts_as_not_begun():
    assert work._done(Progress(5.0, float("nan"), 100)) == 0.0
    assert work._done(Progress(5.0, 4.0, 100)) == 1.0
