"""The exercises on the sample videos, with the real pose model: counts, sides, faults, phantoms.

Whole clips take minutes (``python -m benchmarks.exercises``), so here each is cut after the rounds
that tell its story. The standing tilt itself is looked at in ``test_analyze.py``.
"""

from dataclasses import dataclass
from math import isnan

import av
import pytest

from benchmarks.exercises import score, true_reps, truth_of
from posture.analysis import Analysis, Corrector, Request, analyze_video
from posture.corrections import Corrections
from posture.datatypes import EventKind, RepKind, TimeWindow
from posture.resources import sample_videos

pytestmark = pytest.mark.model

VIDEOS = {path.stem: path for path in sample_videos()}
AFTER_S = 0.4  # time after the last round that a movement takes to close


@dataclass(frozen=True)
class Story:
    """A sample, how many of its rounds are looked at, and the repetitions in them."""

    exercise: str
    rounds: int
    kinds: tuple[str, ...]


STORIES = {
    "monkey": Story("monkey", 1, ("left", "right")),
    "monkey_shoulders": Story("monkey", 2, ("left", "right") * 2),
    "bridge_half_lifts": Story("bridge", 2, ("lift", "lift")),
    "small_bridge": Story("small-bridge", 1, ("press",)),
    "sit_bones": Story("sit-bones", 1, ("bend",)),
    "active_sitting": Story("active-sitting", 1, ("backward", "forward")),
    "pelvis_wave": Story("pelvis-wave", 2, ("wave", "wave")),
    "floor_deep": Story("floor-deep", 1, ("hold",)),
    "standing_tilt_mistakes": Story("standing-tilt", 3, ()),
    "floor_standing": Story("floor-standing", 0, ()),
    "empty_room": Story("standing-tilt", 0, ()),
}
STILL_S = 6.0  # of clips without rounds


def until_s(stem: str) -> float:
    """When the rounds that are looked at are over."""
    rows, rounds = truth_of(VIDEOS[stem]), STORIES[stem].rounds
    times = [float(row["time_s"]) for row in rows if 0 < int(row["rep"]) <= rounds]
    return times[-1] + AFTER_S if times else STILL_S


def cut(stem, folder):
    """The sample up to ``until_s``, its pictures untouched."""
    target = folder / f"{stem}.mp4"
    with av.open(str(VIDEOS[stem])) as reader, av.open(str(target), "w") as writer:
        (source,) = reader.streams.video
        stream = writer.add_stream_from_template(source)
        for packet in reader.demux(source):
            if packet.dts is not None and packet.dts * source.time_base <= until_s(stem):
                packet.stream = stream
                writer.mux(packet)
    return target


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, Analysis]:
    """Every story's analysis; one after another, for other tests run beside these."""
    folder = tmp_path_factory.mktemp("samples")
    return {
        stem: analyze_video(cut(stem, folder), Request(exercise=story.exercise))
        for stem, story in STORIES.items()
    }


def faults(analysis):
    return {event.id for event in analysis.events if event.kind is EventKind.FAULT}


@pytest.mark.parametrize("stem", STORIES)
def test_every_repetition_is_counted_once_and_to_its_side(told, stem):
    story = STORIES[stem]
    assert [rep.kind.value for rep in told[stem].reps] == list(story.kinds)
    rows = [row for row in truth_of(VIDEOS[stem]) if int(row["rep"]) <= story.rounds]
    found = score(told[stem].reps, true_reps(rows, story.exercise))
    assert (found.f1, found.phantoms) == (1.0, 0)


def test_shoulders_that_turn_along_are_named_and_quiet_ones_are_not(told):
    assert "shoulders_turning" in faults(told["monkey_shoulders"])
    assert "shoulders_turning" not in faults(told["monkey"])


def test_half_a_lift_is_named_and_a_whole_one_is_not(told):
    whole, half = told["bridge_half_lifts"].reps
    assert "half_lift" not in whole.faults
    assert "half_lift" in half.faults


def test_what_takes_the_place_of_the_tilt_is_named(told):
    assert faults(told["standing_tilt_mistakes"]) == {
        "trunk_leaning",
        "knees_bending",
        "hips_pushed",
    }


def test_the_wave_is_round_and_turns_the_right_way(told):
    assert all(dict(rep.measures)["roundness"] > 0.4 for rep in told["pelvis_wave"].reps)


def test_the_scoop_of_the_deep_layer_is_measured(told):
    (rep,) = told["floor_deep"].reps
    assert 2.0 <= dict(rep.measures)["scoop_deg"] <= 9.0


@pytest.mark.parametrize(("kind", "way"), [(RepKind.FORWARD, 1), (RepKind.BACKWARD, -1)])
def test_another_neutral_moves_the_whole_curve_by_the_tilt_held_in_it(told, kind, way):
    original = told["active_sitting"]
    held = next(rep for rep in original.reps if rep.kind is kind)
    window = TimeWindow(held.peak_s - 0.3, held.peak_s + 0.3)
    moved = Corrector(original).correct(Corrections(neutral=window))
    both = zip(original.results, moved.results, strict=True)
    by = [way * (a.sample.pelvic_tilt_deg - b.sample.pelvic_tilt_deg) for a, b in both]
    by = [change for change in by if not isnan(change)]
    assert len(by) > 0.95 * len(original.results)
    assert min(by) > 0.8 * held.amplitude
    assert max(by) < 1.2 * held.amplitude


@pytest.mark.parametrize("stem", ["sit_bones", "pelvis_wave", "active_sitting", "floor_deep"])
def test_good_form_is_called_good(told, stem):
    assert {rep.verdict.value for rep in told[stem].reps} == {"good"}
