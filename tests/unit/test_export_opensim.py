"""Files for OpenSim, read by readers that are not ours: ``trc`` and pandas."""

from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd
import pytest
from trc import TRCData

from posture.adapters.export_opensim import write_mot, write_trc
from posture.datatypes import Facing, Reason
from posture.errors import OutputError
from posture.landmarks import Landmark
from tests.unit.store.seen import full_analysis
from tests.unit.ui.recordings import result


def read_mot(path):
    """By the published format: header lines up to ``endheader``, then a table with tabs."""
    lines = path.read_text().splitlines()
    end = lines.index("endheader")
    header = dict(line.split("=") for line in lines[1:end])
    table = pd.read_csv(path, sep="\t", skiprows=end + 1)
    assert lines[0] == path.stem
    assert header["version"] == "1"
    assert header["inDegrees"] == "yes"
    assert int(header["nRows"]) == len(table)
    assert int(header["nColumns"]) == len(table.columns)
    assert table.columns[0] == "time"
    assert not table.isna().any(axis=None)
    return table


def test_motion_has_the_sign_of_opensim_and_leaves_out_what_is_unknown(tmp_path):
    results = full_analysis().results
    write_mot(results, tmp_path / "practice.mot")
    table = read_mot(tmp_path / "practice.mot")
    assert list(table.columns) == ["time", "pelvis_tilt"]
    known = [r.sample for r in results if not np.isnan(r.sample.pelvic_tilt_deg)]
    assert len(known) == len(results) - 2
    assert table["time"].tolist() == pytest.approx([s.time_s for s in known], abs=1e-6)
    assert table["pelvis_tilt"].tolist() == pytest.approx(
        [-s.pelvic_tilt_deg for s in known], abs=1e-5
    )


@pytest.mark.parametrize(("facing", "near"), [(Facing.LEFT, "l"), (Facing.RIGHT, "r")])
def test_the_knee_is_the_one_the_camera_sees(facing, near, tmp_path):
    results = [
        replace(r, sample=replace(r.sample, facing=facing, knee_flexion_deg=bend))
        for r, bend in zip(full_analysis().results, [nan, *range(79)], strict=True)
        if r.sample.person
    ]
    write_mot(results, tmp_path / "practice.mot")
    table = read_mot(tmp_path / "practice.mot")
    assert list(table.columns) == ["time", "pelvis_tilt", f"knee_angle_{near}"]
    assert table[f"knee_angle_{near}"].iloc[0] == 0.0
    assert table["time"].iloc[0] == pytest.approx(0.1)


def test_nobody_gives_a_motion_without_rows(tmp_path):
    write_mot([result(i, reason=Reason.NOBODY) for i in range(3)], tmp_path / "nobody.mot")
    assert len(read_mot(tmp_path / "nobody.mot")) == 0


def test_markers_are_read_by_a_public_reader(tmp_path):
    results = full_analysis().results
    write_trc(results, tmp_path / "practice.trc")
    trc = TRCData()
    trc.load(str(tmp_path / "practice.trc"))
    assert trc["Units"] == "m"
    assert trc["NumFrames"] == len(results)
    assert float(trc["DataRate"]) == pytest.approx(10.0)
    assert trc["Markers"] == [landmark.name.lower() for landmark in Landmark]
    for index in (0, 40, 79):
        time_s, markers = trc[index + 1]
        seen = results[index].observation.world_m
        assert time_s == pytest.approx(results[index].sample.time_s)
        ahead_up_right = np.array(markers) * (-1, -1, 1)
        assert ahead_up_right == pytest.approx(seen, abs=1e-4)
    nobody = np.array(trc[6][1], dtype=float)
    assert np.isnan(nobody).all()


def test_ahead_and_up_are_positive_whichever_way_the_person_looks(tmp_path):
    """A nose half a metre ahead and above the hips."""
    for facing, sign in ((Facing.RIGHT, 1.0), (Facing.LEFT, -1.0)):
        (one,) = full_analysis().results[:1]
        world = np.zeros((33, 3), np.float32)
        world[Landmark.NOSE] = (0.5 * sign, -0.5, 0.1)
        one = replace(
            one,
            observation=replace(one.observation, world_m=world),
            sample=replace(one.sample, facing=facing),
        )
        write_trc([one], tmp_path / "nose.trc")
        row = (tmp_path / "nose.trc").read_text().splitlines()[-1].split("\t")
        assert [float(cell) for cell in row[2:5]] == [0.5, 0.5, -0.1 * sign]


def test_a_folder_that_is_gone_is_one_sentence(tmp_path):
    for write in (write_mot, write_trc):
        with pytest.raises(OutputError, match="choose another folder"):
            write(full_analysis().results, tmp_path / "nowhere" / "practice.x")
