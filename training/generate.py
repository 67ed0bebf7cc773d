"""Renders the data set: numbered clips with truth tables, resumable, any prefix balanced.

Run `python -m training.generate --clips 400` from the repository root. Finished clips are skipped,
so the same command continues an interrupted run. The data lands in `training/data/clips`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
import traceback
from pathlib import Path

# One core per worker: the rasteriser and the matrix library read these when they are loaded,
# which is why the imports that load them come later.
for _name in ("LP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import cv2  # noqa: E402

from training.bodies import BodyFactory  # noqa: E402
from training.casting import FPS, cast, make_film  # noqa: E402
from training.clip import shoot  # noqa: E402
from training.render import Renderer  # noqa: E402

OUT = Path(__file__).resolve().parent / "data" / "clips"


def work(numbers: list[int], seed: int, fps: int, out: Path) -> None:
    """Render the given clips one after the other."""
    cv2.setNumThreads(1)
    factory = BodyFactory()
    renderers: dict[tuple[int, int], Renderer] = {}
    for number in numbers:
        casting = cast(number, seed)
        path = out / f"{casting.name}.mp4"
        if path.exists():
            continue
        begin = time.perf_counter()
        try:
            film = make_film(casting, factory, fps)
            size = film.camera.width, film.camera.height
            if size not in renderers:
                renderers[size] = Renderer(*size)
            shoot(film, renderers[size], path)
        except (ValueError, IndexError, ArithmeticError, OSError):
            print(f"{casting.name}: failed\n{traceback.format_exc()}", flush=True)
            continue
        took = time.perf_counter() - begin
        frames = len(film.script.time)
        mb = path.stat().st_size / 1e6
        print(
            f"{time.strftime('%H:%M:%S')} {casting.name}: {frames} frames, {took:.1f} s, "
            f"{took / frames * 1e3:.0f} ms a frame, {mb:.2f} MB",
            flush=True,
        )


def main(arguments: list[str] | None = None) -> int:
    """Render clips `--first` to `--first + --clips`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", help="only these classes of clips, for example yaw")
    parser.add_argument("--splits", nargs="+", help="only these splits, for example train")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--fps", type=int, default=FPS, help="pictures in a second of a clip")
    parser.add_argument("--out", type=Path, default=OUT)
    o = parser.parse_args(arguments)
    o.out.mkdir(parents=True, exist_ok=True)
    castings = [cast(number, o.seed) for number in range(o.first, o.first + o.clips)]
    numbers = [
        c.number
        for c in castings
        if (o.kinds is None or c.kind in o.kinds) and (o.splits is None or c.split in o.splits)
    ]
    if o.workers == 1:
        work(numbers, o.seed, o.fps, o.out)
        return 0
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=work, args=(numbers[k :: o.workers], o.seed, o.fps, o.out))
        for k in range(o.workers)
    ]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return max(abs(w.exitcode or 0) for w in workers)


if __name__ == "__main__":
    sys.exit(main())
