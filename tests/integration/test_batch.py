"""Folders of videos: gone on with after an interruption, and shared between machines."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import psutil
import pytest
from click.testing import CliRunner

from posture.cli_commands import main
from posture.recording import EXPORTS
from posture.resources import sample_videos

pytestmark = pytest.mark.model

SAMPLE = next(path for path in sample_videos() if path.stem == "standing_tilt_left")
ROOT = Path(__file__).resolve().parents[2]
RESULTS = ("timeline.csv", "reps.json", "summary.json")


def posture(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def command(*words):
    return [sys.executable, "-m", "posture.cli", *map(str, words)]


def table(out):
    with (out / "summary.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Two seconds of standing still."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(SAMPLE)) as reader, av.open(str(path), "w") as writer:
        stream = writer.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for index, frame in enumerate(reader.decode(video=0)):
            if index == 60:
                break
            writer.mux(stream.encode(frame.reformat(format="yuv420p")))
        writer.mux(stream.encode())
    return path


@pytest.fixture
def folder(clip, tmp_path):
    """Four videos at two depths, one broken, and what is none of them."""
    folder = tmp_path / "videos"
    (folder / "tuesday").mkdir(parents=True)
    for name in ("a.mp4", "b.MP4", "tuesday/a.mp4"):
        shutil.copyfile(clip, folder / name)
    (folder / "broken.mov").write_bytes(b"no video at all")
    (folder / ".hidden.mp4").write_bytes(b"")
    (folder / "notes.txt").write_text("notes")
    return folder


@pytest.fixture(scope="module")
def alone(clip, tmp_path_factory):
    """What one process makes of the clip."""
    out = tmp_path_factory.mktemp("alone")
    assert posture("analyze", clip, "--out", out).exit_code == 0
    return out / "clip"


def same_results(one, other):
    for name in RESULTS[:2]:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    numbers = [json.loads((path / "summary.json").read_text()) for path in (one, other)]
    for summary in numbers:
        summary["video"].pop("name")
    assert numbers[0] == numbers[1]


def test_a_folder_is_done_with_one_table_and_one_broken_video_stops_nothing(folder, alone):
    out = folder / "results"  # inside, and yet never taken for videos of the person
    everything = ("--out", out, "--report", "--export", "parquet", "--export", "opensim")
    run = posture("analyze", folder, *everything)
    assert run.exit_code == 3
    assert [(row["video"], row["status"]) for row in table(out)] == [
        (str(folder / "a.mp4"), "done"),
        (str(folder / "b.MP4"), "done"),
        (str(folder / "broken.mov"), "failed"),
        (str(folder / "tuesday/a.mp4"), "done"),
    ]
    assert table(out)[0]["duration_s"] == "2.0"
    assert "broken.mov" in table(out)[2]["message"]
    same_results(out / "tuesday" / "a", alone)
    for name in ("report.html", "report.pdf", *EXPORTS["parquet"], *EXPORTS["opensim"]):
        assert (out / "a" / name).stat().st_size > 0

    written = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    again = posture("analyze", folder, *everything)
    assert again.output.count("Finished earlier") == 3
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.json")} == written
    assert [row["status"] for row in table(out)] == ["done", "done", "failed", "done"]

    (out / "a" / "report.pdf").unlink()
    mended = posture("analyze", folder, *everything)
    assert mended.output.count("Finished earlier") == 2
    assert (out / "a" / "report.pdf").is_file()


def test_other_settings_or_another_video_are_done_anew(clip, tmp_path):
    video = tmp_path / "v.mp4"
    shutil.copyfile(clip, video)
    words = ("analyze", video, "--out", tmp_path / "out")
    assert "Finished earlier" not in posture(*words).output
    assert "Finished earlier" in posture(*words).output
    assert "Finished earlier" not in posture(*words, "--neutral", "0-1.5").output
    os.utime(video)
    assert "Finished earlier" not in posture(*words, "--neutral", "0-1.5").output


def test_an_empty_folder_and_two_results_in_one_place_are_refused(clip, tmp_path):
    empty = posture("analyze", tmp_path)
    assert empty.exit_code == 2
    assert "no video in" in empty.output
    (tmp_path / "a.mov").write_bytes(b"")
    shutil.copyfile(clip, tmp_path / "a.mp4")
    twice = posture("analyze", tmp_path, "--out", tmp_path / "out")
    assert twice.exit_code == 2
    assert "overwrite each other" in twice.output


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_batch_that_was_killed_goes_on_where_it_stopped(folder, alone, tmp_path):
    (folder / "broken.mov").unlink()
    out = tmp_path / "out"
    words = command("analyze", folder, "--out", out)
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as batch:
        assert "a.mp4" in batch.stdout.readline()
        batch.send_signal(signal.SIGKILL)
    assert batch.returncode == -signal.SIGKILL
    first = (out / "a" / "run.json").stat().st_mtime_ns
    assert not (out / "tuesday" / "a" / "run.json").exists()
    assert posture("analyze", folder, "--out", out).exit_code == 0
    assert (out / "a" / "run.json").stat().st_mtime_ns == first
    for name in ("a", "b", "tuesday/a"):
        same_results(out / name, alone)


@pytest.fixture
def begun(clip, tmp_path):
    """A short video, and two of three minutes whose work lasts longer than any test."""
    folder = tmp_path / "begun"
    folder.mkdir()
    shutil.copyfile(clip, folder / "a.mp4")
    with av.open(str(folder / "b.mp4"), "w") as writer:
        stream = None
        for turn in range(90):
            with av.open(str(clip)) as reader:
                stream = stream or writer.add_stream_from_template(reader.streams.video[0])
                for packet in reader.demux(video=0):
                    if packet.dts is not None:
                        later = round(turn * 2.0 / packet.time_base)
                        packet.pts, packet.dts = packet.pts + later, packet.dts + later
                        packet.stream = stream
                        writer.mux(packet)
    shutil.copyfile(folder / "b.mp4", folder / "c.mp4")
    return folder


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for other processes")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("press", "gaps_s"),
    [(os.killpg, []), (os.kill, []), (os.killpg, [0.05]), (os.killpg, [0.1, 0.1, 0.1])]
    if os.name == "posix"
    else [],
    ids=["terminal", "alone", "twice", "again-and-again"],
)
def test_ctrl_c_ends_a_long_video_at_once_however_often(begun, tmp_path, jobs, press, gaps_s):
    out = tmp_path / "out"
    words = command("analyze", begun, "--out", out, "--jobs", jobs)
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as batch:
        assert "a.mp4" in batch.stdout.readline()
        time.sleep(1.0)  # into the next video
        helpers = psutil.Process(batch.pid).children(recursive=True)
        assert batch.poll() is None
        press(batch.pid, signal.SIGINT)
        for gap_s in gaps_s:
            time.sleep(gap_s)
            if batch.poll() is None:
                press(batch.pid, signal.SIGINT)
        _, errors = batch.communicate(timeout=20)
    assert batch.returncode == 130, errors
    assert errors.startswith("posture: Stopped; 2 videos were not finished")
    assert errors.count("\n") == 1
    assert not psutil.wait_procs(helpers, timeout=5)[1], "nothing works on"
    assert [row["status"] for row in table(out)] == ["done"]
    assert sorted(path.name for path in out.iterdir()) == ["a", "summary.csv"]
    assert not list(out.rglob("*.part"))
    (begun / "b.mp4").unlink()
    (begun / "c.mp4").unlink()
    again = posture("analyze", begun, "--out", out)
    assert again.exit_code == 0
    assert "Finished earlier" in again.output


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for other processes")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_leaves_no_half_drawn_video_and_no_empty_table(folder, tmp_path, jobs):
    (folder / "broken.mov").unlink()
    shutil.copyfile(SAMPLE, folder / "a.mp4")
    (folder / "b.MP4").unlink()
    shutil.copyfile(SAMPLE, folder / "tuesday" / "a.mp4")
    out = tmp_path / "out"
    words = command("analyze", folder, "--out", out, "--jobs", jobs, "--annotate")
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=ROOT) as batch:
        while not list(out.rglob("annotated.mp4.part")) and batch.poll() is None:
            time.sleep(0.1)
        batch.send_signal(signal.SIGINT)
        _, errors = batch.communicate(timeout=20)
    assert batch.returncode == 130, errors
    assert errors == (
        "posture: Stopped; 2 videos were not finished, and what was finished before is whole.\n"
    )
    assert not [*out.rglob("*.part"), *out.rglob("run.json"), *out.rglob("summary.csv")]


@pytest.fixture
def scheduler(tmp_path):
    """The address of a Dask scheduler and the processes of its two workers."""
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    at = ["--scheduler-file", str(file)]
    begin = [sys.executable, "-m", "distributed.cli.dask_scheduler", *at, "--no-dashboard"]
    own = ["--host", "127.0.0.1", "--port", "0"]
    started = [subprocess.Popen([*begin, *own], **quiet)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", *at, "--no-dashboard"]
    worker += ["--no-nanny", "--nthreads", "1", "--local-directory", str(tmp_path / "dask")]
    started += [subprocess.Popen(worker, **quiet) for _ in range(2)]
    try:
        deadline = time.monotonic() + 60
        while not file.is_file() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"], started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def busy(worker):
    """Whether a worker has the pose model in its memory: it is at work on a video."""
    try:
        maps = {entry.path for entry in psutil.Process(worker.pid).memory_maps()}
    except psutil.Error:
        return False
    return any("mediapipe" in path for path in maps)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into the workers' memory")
def test_two_workers_give_the_same_results_also_when_one_is_killed(
    folder, scheduler, alone, tmp_path
):
    (folder / "broken.mov").unlink()
    for number in range(3):
        shutil.copyfile(folder / "a.mp4", folder / f"more{number}.mp4")
    address, workers = scheduler
    out = tmp_path / "out"
    words = command("analyze", folder, "--out", out, "--scheduler", address)
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as batch:
        deadline = time.monotonic() + 120
        while not all(map(busy, workers)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert batch.poll() is None, "both workers are at work"
        workers[0].kill()
        told, errors = batch.communicate(timeout=240)
    assert batch.returncode == 0, errors
    assert told.count("a reading in") == 6
    assert len(table(out)) == 6
    for name in ("a", "b", "tuesday/a", "more0", "more1", "more2"):
        same_results(out / name, alone)


def test_a_scheduler_that_is_not_there_is_one_sentence(clip, tmp_path):
    words = command("analyze", clip, "--out", tmp_path, "--scheduler", "tcp://127.0.0.1:9")
    run = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 3
    assert "no Dask scheduler at tcp://127.0.0.1:9" in run.stderr
    assert run.stderr.count("\n") == 1
