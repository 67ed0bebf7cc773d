import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import posture
from posture import api
from posture.datatypes import TimeWindow
from posture.errors import UsageError
from tests.unit.store.seen import full_analysis


@pytest.fixture
def asked(monkeypatch):
    """What the analysis was asked; it answers with a practice made of numbers."""
    requests = []

    def analyze_video(path, request, *, on_progress=None):
        requests.append((path, request, on_progress))
        return full_analysis(path)

    monkeypatch.setattr(api, "analyze_video", analyze_video)
    return requests


@pytest.mark.usefixtures("asked")
def test_the_documented_example_runs_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tests = doctest.DocTestFinder(recurse=False).find(api, "posture.api")
    told = []
    for test in tests:
        doctest.DocTestRunner().run(test, out=told.append)
    assert sum(len(test.examples) for test in tests) == 8
    assert told == []
    written = {path.name for path in (tmp_path / "results").iterdir()}
    assert written == {
        "timeline.csv", "reps.json", "summary.json", "samples.parquet", "angles.mot",
        "landmarks.trc", "report.pdf",
    }  # fmt: skip


def test_what_is_asked_is_what_is_analysed(asked):
    told = []
    posture.analyze("v.mp4", "bridge", neutral=(0.5, 3), model="lite", on_progress=told.append)
    ((path, request, on_progress),) = asked
    assert path == Path("v.mp4")
    assert (request.exercise, request.model) == ("bridge", "lite")
    assert request.neutral == TimeWindow(0.5, 3)
    assert request.forward is request.backward is None
    assert on_progress == told.append


@pytest.mark.usefixtures("asked")
def test_tables_are_complete_and_missing_is_missing():
    session = posture.analyze("v.mp4")
    assert len(session.samples) == len(session.analysis.results)
    assert session.samples["pelvic_tilt_deg"].isna().sum() == 2
    assert session.samples["pelvis_yaw_deg"].isna().all()
    assert session.repetitions["amplitude_sd"].tolist() == [2.0, 2.0]
    assert session.repetitions["faults"].tolist() == [(), ("trunk_leaning",)]
    assert session.events["kind"].tolist() == ["rep", "rep"]
    assert np.allclose(session.events["time_s"], [2.0, 4.0])


def test_a_practice_without_repetitions_has_empty_tables(monkeypatch):
    from tests.unit.ui.recordings import recording, wave  # noqa: PLC0415

    monkeypatch.setattr(api, "analyze_video", lambda *_, **__: recording(wave(5)))
    session = posture.analyze("v.mp4")
    assert len(session.repetitions) == len(session.events) == 0
    assert tuple(session.repetitions.columns) == api.REPETITION_COLUMNS


def test_an_unknown_exercise_is_one_sentence():
    with pytest.raises(UsageError, match="choose one of"):
        posture.analyze("v.mp4", exercise="handstand")


def test_importing_the_package_is_quick_and_quiet():
    """Nothing heavy is loaded before it is asked for."""
    look = "import sys, posture; print({'mediapipe', 'cv2', 'pandas'} & set(sys.modules))"
    root = Path(posture.__file__).parents[1]
    told = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=root
    )
    assert told.stdout.strip() == "set()"
    with pytest.raises(AttributeError, match="nothing_such"):
        posture.nothing_such  # noqa: B018
