"""Recorded videos from end to end, with the real pose model."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.adapters.weights import learned_tilt
from posture.analysis import Request, analyze_video
from posture.cli_commands import main
from posture.datatypes import TimeWindow
from posture.exercises import get_exercise
from posture.pipeline import Interpreter, Perception, Pipeline
from posture.resources import sample_videos

pytestmark = pytest.mark.model

SAMPLE = next(path for path in sample_videos() if path.stem == "standing_tilt_left")


def posture(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def rows_of(folder):
    with (folder / "timeline.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tilt_column(rows, name="pelvic_tilt_deg"):
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """The sample through the command line, with its drawn video."""
    out = tmp_path_factory.mktemp("out")
    run = posture("analyze", SAMPLE, "--out", out, "--annotate", "--lang", "nl")
    assert run.exit_code == 0, run.output
    return out / SAMPLE.stem


def test_every_frame_has_a_row_with_its_time(analysed):
    with av.open(str(SAMPLE)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    rows = rows_of(analysed)
    assert [int(row["frame"]) for row in rows] == list(range(len(times)))
    assert [float(row["time_s"]) for row in rows] == pytest.approx(
        [time - times[0] for time in times], abs=1e-6
    )


def test_the_sample_agrees_with_its_truth(analysed):
    with SAMPLE.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        truth = tilt_column(list(csv.DictReader(file)))
    rows = rows_of(analysed)
    read = tilt_column(rows)
    assert np.isfinite(read).mean() >= 0.95
    both = np.isfinite(read)
    assert np.abs(read - truth)[both].mean() < 3.0
    beyond = both & (np.abs(truth) > 8)
    assert (np.sign(read) == np.sign(truth))[beyond].all()
    assert {row["facing"] for row in rows} == {"left"}


def test_the_samples_repetitions_are_counted(analysed):
    reps = json.loads((analysed / "reps.json").read_text(encoding="utf-8"))
    assert [rep["kind"] for rep in reps] == ["forward", "backward"] * 3
    assert all(rep["start_s"] < rep["peak_s"] < rep["end_s"] for rep in reps)


def test_the_summary_names_the_neutral_that_was_found(analysed):
    summary = json.loads((analysed / "summary.json").read_text(encoding="utf-8"))
    assert summary["calibration"]["source"] == "found"
    assert summary["calibration"]["end_s"] < 4.2
    assert summary["model"]["sha256"] == ModelStore().sha256("full")
    assert summary["repetitions"]["count"] == 6


def test_the_annotated_video_plays_and_keeps_its_times(analysed):
    with av.open(str(analysed / "annotated.mp4")) as drawn, av.open(str(SAMPLE)) as source:
        assert drawn.streams.video[0].codec_context.name == "h264"
        assert [f.time for f in drawn.decode(video=0)] == pytest.approx(
            [f.time for f in source.decode(video=0)], abs=1e-3
        )


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The first seven seconds: neutral, forward and back."""
    path = tmp_path_factory.mktemp("short") / "short.mp4"
    rewrite(SAMPLE, path, lambda picture: picture, keep=210)
    return path


@pytest.fixture(scope="module")
def short_analysed(short, tmp_path_factory):
    out = tmp_path_factory.mktemp("short-out")
    run = posture("analyze", short, "--out", out)
    assert run.exit_code == 0, run.output
    return out / "short"


def test_the_same_video_twice_gives_the_same_numbers(short, short_analysed, tmp_path):
    assert posture("analyze", short, "--out", tmp_path).exit_code == 0
    for name in ("timeline.csv", "reps.json", "summary.json"):
        assert (tmp_path / "short" / name).read_bytes() == (short_analysed / name).read_bytes()


def test_frame_by_frame_gives_the_same_numbers(short):
    analysis = analyze_video(short, Request())
    interpreter = Interpreter(get_exercise("standing-tilt"), analysis.calibration, learned_tilt())
    bundle = ModelStore().path("full")
    with open_video(short) as reader, MediaPipeLandmarker(bundle) as landmarker:
        pipeline = Pipeline(Perception(landmarker), interpreter)
        live = [pipeline.process(frame) for frame in landmarker.looking_ahead(reader)]
    assert [repr(r.sample) for r in live] == [repr(r.sample) for r in analysis.results]
    assert [r.events for r in live] == [r.events for r in analysis.results]


def test_a_mirrored_video_has_the_same_tilt_and_faces_the_other_way(
    short, short_analysed, tmp_path
):
    mirrored = tmp_path / "mirrored.mp4"
    rewrite(short, mirrored, lambda picture: picture[:, ::-1])
    assert posture("analyze", mirrored, "--out", tmp_path).exit_code == 0
    rows = rows_of(tmp_path / "mirrored")
    difference = tilt_column(rows) - tilt_column(rows_of(short_analysed))
    assert np.nanmedian(np.abs(difference)) <= 1.0
    assert {row["facing"] for row in rows} == {"right"}


def rewrite(source, target, change, keep=None):
    """Write a video again with every picture changed."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = writer.add_stream("libx264", rate=30, options={"crf": "16", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for index, frame in enumerate(reader.decode(video=0)):
            if keep is not None and index == keep:
                break
            picture = np.ascontiguousarray(change(frame.to_ndarray(format="rgb24")))
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                writer.mux(packet)
        for packet in stream.encode():
            writer.mux(packet)


def test_an_empty_room_is_nobody_and_still_has_its_rows(tmp_path):
    empty = tmp_path / "empty.mp4"
    rewrite(SAMPLE, empty, lambda picture: np.full_like(picture, 180), keep=20)
    run = posture("analyze", empty, "--out", tmp_path)
    assert run.exit_code == 4
    assert "nobody" in run.output
    assert "Traceback" not in run.output
    rows = rows_of(tmp_path / "empty")
    assert len(rows) == 20
    assert {row["reason"] for row in rows} == {"nobody"}


def test_two_people_the_largest_is_followed_and_it_is_said(tmp_path):
    pair = tmp_path / "pair.mp4"

    def two(picture):
        small = picture[::2, ::2][:, 60:260]
        wide = picture.copy()
        wide[200:440, 440:] = small[:240]
        return wide

    rewrite(SAMPLE, pair, two, keep=60)
    run = posture("analyze", pair, "--out", tmp_path, "--neutral", "0-1.8")
    summary = json.loads((tmp_path / "pair" / "summary.json").read_text(encoding="utf-8"))
    assert summary["people_at_once"] == 2, run.output
    assert "largest" in summary["followed"]
    analysis = analyze_video(pair, Request(neutral=TimeWindow(0.0, 1.8)))
    hips = [r.observation.landmarks_px[23][0] for r in analysis.results if r.sample.person]
    assert np.percentile(hips, 95) < 400


def test_several_videos_at_once_and_one_of_them_broken(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    short = tmp_path / "short.mp4"
    rewrite(SAMPLE, short, lambda picture: picture, keep=75)
    command = [
        sys.executable, "-m", "posture.cli", "analyze", str(broken), str(short),
        "--jobs", "2", "--out", str(tmp_path),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 3
    assert "broken.mp4" in run.stderr
    assert run.stderr.count("\n") == 1, "one sentence, and nothing of the libraries' own chatter"
    assert len(rows_of(tmp_path / "short")) == 75


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for other processes")
def test_ctrl_c_keeps_what_is_finished(tmp_path):
    short = tmp_path / "short.mp4"
    rewrite(SAMPLE, short, lambda picture: picture, keep=75)
    command = [
        sys.executable, "-m", "posture.cli", "analyze", str(short), str(SAMPLE),
        "--out", str(tmp_path),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert "short" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert len(rows_of(tmp_path / "short")) == 75
    assert not (tmp_path / SAMPLE.stem / "timeline.csv").exists()
    assert not list(tmp_path.rglob("*.part"))


def test_analysis_works_without_a_network_and_asks_for_none(short, tmp_path):
    """In a network namespace of its own the kernel counts every packet and every failed route."""
    alone = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("this system lets nobody make a network namespace")
    analyse = [sys.executable, "-m", "posture.cli", "analyze", str(short), "--out", str(tmp_path)]
    run = subprocess.run(
        [*alone, "sh", "-c", '"$@" && cat /proc/net/snmp', "sh", *analyse],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(rows_of(tmp_path / "short")) == 210
    sent = network_counters(run.stdout)
    assert sent["Ip.OutRequests"] == sent["Ip.OutNoRoutes"] == sent["Tcp.ActiveOpens"] == 0


def network_counters(snmp):
    """Counters by name from pairs of lines, names and values, as the kernel writes them."""
    lines = [line.split() for line in snmp.splitlines() if re.match(r"(Ip|Tcp|Udp):", line)]
    return {
        f"{names[0][:-1]}.{name}": int(value)
        for names, values in zip(lines[::2], lines[1::2], strict=True)
        for name, value in zip(names[1:], values[1:], strict=True)
    }


SHARED = Path(__file__).resolve().parents[3] / "shared" / "testdata"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"real test data is not beside the checkout ({SHARED})"
)


def people_rows(name, tmp_path):
    video = SHARED / name
    run = posture("analyze", video, "--out", tmp_path)
    assert run.exit_code in {0, 4}, run.output
    return rows_of(tmp_path / video.stem)


@needs_shared
def test_real_squats_are_followed_and_agree_with_the_reference():
    analysis = analyze_video(SHARED / "people/pose_squats.mp4", Request())
    found = [r.observation for r in analysis.results if r.sample.person]
    assert len(found) >= 0.99 * len(analysis.results)
    reference = np.array(json.loads((SHARED / "people/pose_squats.full.json").read_text()))
    for_reference = analysis.info.width_px / found[0].image_size_px[0]
    apart = [
        np.hypot(*(one.landmarks_px * for_reference - reference[one.index][:, :2]).T)
        for one in found
    ]
    body_px = np.ptp(reference[:, :, 1], axis=1).max()
    assert np.median(apart) <= 0.03 * body_px


@needs_shared
def test_a_real_walker_from_the_side_is_followed(tmp_path):
    rows = people_rows("people/walker_side.mp4", tmp_path)
    assert sum(row["facing"] != "" for row in rows) >= 0.95 * len(rows)


@needs_shared
def test_an_upper_body_behind_a_worktop_gives_no_tilt(tmp_path):
    rows = people_rows("people/kitchen_upper_body.mkv", tmp_path)
    assert not np.isfinite(tilt_column(rows)).any()


@needs_shared
def test_an_edit_list_is_respected(tmp_path):
    assert len(people_rows("mocap/walk/video.mp4", tmp_path)) == 75
