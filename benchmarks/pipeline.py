"""What our stages cost on top of the bare pose model, in one run on the same frames.

    python benchmarks/pipeline.py [VIDEO]

Prints: bare `detect_for_video` with its mask, the whole `process`, their ratio (median of the
per-frame ratios, the two alternating frame by frame), the time of each stage, peak memory at 100
and 3,000 frames, and `posture analyze --jobs 2` against `--jobs 1` on two videos.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import av
import mediapipe as mp
import psutil
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import PoseLandmarker, PoseLandmarkerOptions, RunningMode

import posture.pipeline as stages
from posture import judgement
from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.surface import DenseFlow
from posture.adapters.video_reader import open_video
from posture.analysis import Request, analyze_video
from posture.datatypes import Frame
from posture.exercises import get_exercise
from posture.pipeline import Interpreter, Perception, Pipeline
from posture.resources import sample_videos

FEW, MANY = 100, 3000
SAMPLE = "standing_tilt_left"


def long_copy(video: Path, target: Path, count: int) -> Path:
    """The video's packets over and over in one file, at least ``count`` pictures."""
    with av.open(str(video)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        copy = sink.add_stream_from_template(stream)
        written = offset = end = 0
        while written < count:
            source.seek(0)
            for packet in source.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                packet.stream = copy
                sink.mux(packet)
                written, end = written + 1, max(end, packet.pts + (packet.duration or 0))
            offset = end
    return target


def frames_of(video: Path, count: int) -> Iterator[Frame]:
    """The first ``count`` pictures."""
    with open_video(video) as reader:
        yield from islice(reader, count)


def ratio(video: Path, bundle: Path) -> None:
    """Bare model and whole `process` on the same frames, turn and turn about."""
    options = PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(bundle)),
        running_mode=RunningMode.VIDEO,
        output_segmentation_masks=True,
    )
    calibration = analyze_video(video, Request()).calibration
    spent: dict[str, list[float]] = {"bare": [], "whole": []}
    clock = StageClock()
    with PoseLandmarker.create_from_options(options) as bare, MediaPipeLandmarker(bundle) as ours:
        clock.watch(ours, "detect", "landmarker")
        for module, names in (
            (stages, ("measure", "trace_contour", "seen")),
            (judgement, ("why_not", "tilt_features")),
        ):
            for name in names:
                clock.watch(module, name, name)
        exercise = get_exercise("standing-tilt")
        pipeline = Pipeline(
            Perception(ours, optics=DenseFlow()), Interpreter(exercise, calibration)
        )
        clock.watch(pipeline.interpreter, "interpret", "interpret (all of it)")
        for frame in frames_of(video, 600):

            def run_bare(frame: Frame = frame) -> None:
                image = mp.Image(image_format=mp.ImageFormat.SRGB, data=frame.image_rgb)
                result = bare.detect_for_video(image, round(frame.time_s * 1000))
                if result.segmentation_masks:
                    result.segmentation_masks[0].numpy_view()

            jobs: list[tuple[str, Callable[[], object]]] = [
                ("bare", run_bare),
                ("whole", lambda frame=frame: pipeline.process(frame)),
            ]
            for name, job in jobs if frame.index % 2 else reversed(jobs):
                started = time.perf_counter()
                job()
                spent[name].append(time.perf_counter() - started)
    ratios = [w / b for w, b in zip(spent["whole"][30:], spent["bare"][30:], strict=True)]
    print(f"bare detect_for_video with mask   {1e3 * median(spent['bare']):7.2f} ms median")
    print(f"whole process                     {1e3 * median(spent['whole']):7.2f} ms median")
    print(f"ratio                             {median(ratios):7.3f} median of frames")
    clock.report()


class StageClock:
    """Times functions from outside, so that the product carries no clock."""

    def __init__(self) -> None:
        self._spent: dict[str, list[float]] = {}

    def watch(self, owner: object, attribute: str, label: str) -> None:
        """Replace a function by one that also keeps its time."""
        inner = getattr(owner, attribute)
        spent = self._spent.setdefault(label, [])

        def timed(*args: object, **kwargs: object) -> object:
            started = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                spent.append(time.perf_counter() - started)

        setattr(owner, attribute, timed)

    def report(self) -> None:
        """Print each function's median."""
        for label, spent in self._spent.items():
            if spent:
                print(f"  {label:30}  {1e3 * median(spent):8.3f} ms median")


def memory(video: Path, bundle: Path) -> None:
    """Peak memory while a recording of 100 and of 3,000 frames is seen and kept."""
    process = psutil.Process()
    peaks, peak, kept = {}, 0, []
    with TemporaryDirectory() as folder, MediaPipeLandmarker(bundle) as landmarker:
        long_video = long_copy(video, Path(folder, "long.mp4"), MANY)
        perception = Perception(landmarker, optics=DenseFlow())
        for frame in frames_of(long_video, MANY):
            kept.append(perception.observe(frame))
            if len(kept) % 10 == 0:
                peak = max(peak, process.memory_info().rss)
            if len(kept) in {FEW, MANY}:
                peaks[len(kept)] = peak
    few, many = (peaks[count] / 2**20 for count in (FEW, MANY))
    print(
        f"peak memory at {FEW} / {MANY} frames  {few:.0f} / {many:.0f} MiB ({many / few - 1:+.1%})"
    )


def side_by_side(video: Path) -> None:
    """The command line on two videos, one and two at once, turn and turn about."""
    with TemporaryDirectory() as folder:
        videos = [str(shutil.copy(video, Path(folder, f"{name}.mp4"))) for name in "ab"]
        spent: dict[int, list[float]] = {1: [], 2: []}
        for run, jobs in enumerate(chain.from_iterable(repeat((1, 2), 2))):
            out = Path(folder, f"out{run}")  # what is finished would not be done again
            command = ["analyze", *videos, "--jobs", str(jobs), "--out", str(out)]
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "posture.cli", *command], check=True, capture_output=True
            )
            spent[jobs].append(time.perf_counter() - started)
    one, two = min(spent[1]), min(spent[2])
    print(
        f"--jobs 1 / --jobs 2               {one:.1f} / {two:.1f} s, {one / two:.2f} times as fast"
    )


def main() -> None:
    """Run all of it."""
    samples = {path.stem: path for path in sample_videos()}
    video = Path(sys.argv[1]) if len(sys.argv) > 1 else samples[SAMPLE]
    bundle = ModelStore().path("full")
    memory(video, bundle)
    side_by_side(video)
    ratio(video, bundle)


if __name__ == "__main__":
    main()
