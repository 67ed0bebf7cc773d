import csv
import json
from math import nan

import pytest

from posture.adapters.export import (
    TIMELINE_HEADER,
    make_directory,
    write_json,
    write_reps,
    write_timeline,
)
from posture.datatypes import PostureSample, Quality, Rep, RepKind, Stance, Verdict
from posture.errors import OutputError
from posture.features import Observation
from posture.pipeline import Result


def result(index, **sample):
    time_s = index / 30
    return Result(
        Observation(index, time_s, (640, 480), 0.5),
        PostureSample(time_s, **sample),
        (),
        phase="waiting",
        rep=0,
    )


def test_the_header_is_the_contract():
    assert ",".join(TIMELINE_HEADER) == (
        "frame,time_s,quality,reason,facing,stance,pelvic_tilt_deg,pelvic_tilt_sd_deg,"
        "trunk_lean_deg,knee_flexion_deg,pelvis_yaw_deg,thorax_yaw_deg,shoulder_hip_knee_deg,"
        "lift_fraction,phase,rep"
    )


def test_every_frame_has_a_row_and_no_reading_is_an_empty_cell(tmp_path):
    read = result(
        1, quality=Quality.GOOD, reason=None, person=True, stance=Stance.FORWARD,
        pelvic_tilt_deg=7.125, pelvic_tilt_sd_deg=2.0,
    )  # fmt: skip
    write_timeline([result(0), read], tmp_path / "timeline.csv")
    with (tmp_path / "timeline.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["frame"] for row in rows] == ["0", "1"]
    assert rows[0]["reason"] == "nobody"
    assert rows[0]["pelvic_tilt_deg"] == rows[0]["stance"] == rows[0]["facing"] == ""
    assert float(rows[1]["pelvic_tilt_deg"]) == pytest.approx(7.125, abs=0.01)
    assert rows[1]["stance"] == "forward"


def test_no_negative_zero(tmp_path):
    tiny = result(0, quality=Quality.GOOD, person=True, pelvic_tilt_deg=-0.001)
    write_timeline([tiny], tmp_path / "timeline.csv")
    assert "-0.00" not in (tmp_path / "timeline.csv").read_text()


def test_reps_are_the_contract(tmp_path):
    rep = Rep(1, RepKind.FORWARD, 1.0, 2.0, 3.0, 11.5, "deg", Verdict.IMPROVE, ("leaning",))
    write_reps([rep], tmp_path / "reps.json")
    assert json.loads((tmp_path / "reps.json").read_text()) == [
        {
            "index": 1,
            "kind": "forward",
            "start_s": 1.0,
            "peak_s": 2.0,
            "end_s": 3.0,
            "amplitude": 11.5,
            "unit": "deg",
            "verdict": "improve",
            "faults": ["leaning"],
        }
    ]


def test_a_failed_write_leaves_the_old_file_whole_and_no_half_file(tmp_path):
    path = tmp_path / "summary.json"
    write_json({"whole": True}, path)
    with pytest.raises(ValueError, match="JSON"):
        write_json({"broken": nan}, path)
    assert json.loads(path.read_text()) == {"whole": True}
    assert [p.name for p in tmp_path.iterdir()] == ["summary.json"]


def test_a_full_disk_is_one_sentence_and_loses_nothing():
    with pytest.raises(OutputError, match="no space left on device"):
        write_json({"a": 1}, FullDisk("/dev/full"))


class FullDisk(type(__import__("pathlib").Path())):
    """A path whose part file lies on a disk that is full."""

    def with_name(self, name):
        del name
        return type(self)("/dev/full")

    def unlink(self, *, missing_ok=False):
        """The device stays."""


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"):
        make_directory(tmp_path / "file" / "results")
