"""How quick a recording of ten minutes is on the page, in a real browser.

    python -m benchmarks.review [--minutes 10]

Puts a made-up session of so many minutes (a sample over and over, 30 pictures a second) into an
empty history three times, starts the page's own server and a headless Chromium, and prints the
median of: opening each session for the first time until its curve is on the screen, and until the
body is there too; moving the neutral from the click until curve, repetitions and summary are
there; and a step of panning the curve. Then the film plays for 70 s, and at every screen refresh
the playhead is compared with the picture that is seen, whose number stands in its corner in black
and white squares. Needs the development dependencies and Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import islice
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.live import BITS, FLAGS, SAMPLE, SQUARE_PX, served
from benchmarks.pipeline import long_copy
from posture.analysis import Analysis, Corrector, Request, analyze_video
from posture.corrections import Corrections
from posture.datatypes import TimeWindow
from posture.features import Measures, Observation
from posture.resources import app_path
from posture.store import open_store

ROUNDS = 3
RATE_HZ = 30
FILM_S = 70.0
# So much differs each picture of the loop from the one it repeats, or the file would be small.
JITTER = 1e-4
PLAYER = ".st-key-player section[data-ready]"
BODY = ".st-key-player section[data-body]"
# When the curve comes onto the screen, in milliseconds since the page was asked for.
SHOWN = """window.shown = new Promise((done) => {
  const ready = (root) => [...root.querySelectorAll('*')].some((each) =>
    each.matches('section[data-ready]') || (each.shadowRoot && ready(each.shadowRoot)));
  const look = () => {
    const area = document.querySelector('.st-key-player');
    if (area && ready(area)) done(performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});"""
RUNNING = "document.querySelector('[data-testid=stApp]').dataset.testScriptState"
# From the next click until the page has everything that follows from it, milliseconds.
CORRECTED = f"""section => {{
  const said = () => document.querySelector('.st-key-corrections')?.textContent;
  const [before, words] = [section.dataset.ready, said()];
  window.corrected = new Promise((done) => addEventListener('click', () => {{
    const began = performance.now();
    const look = () => {{
      const there = section.dataset.ready !== before && said() && said() !== words;
      if (there && {RUNNING} === 'notRunning') done(performance.now() - began);
      else requestAnimationFrame(look);
    }};
    look();
  }}, {{ once: true, capture: true }}));
}}"""
PANNED = """plot => {
  const wheel = (wish) => plot.dispatchEvent(new WheelEvent('wheel', { bubbles: true, ...wish }));
  for (let i = 0; i < 8; i += 1) wheel({ deltaY: -1, ctrlKey: true });
  const taken = [];
  for (let i = 0; i < 60; i += 1) {
    const began = performance.now();
    wheel({ deltaX: i < 30 ? 40 : -40 });
    plot.getBoundingClientRect();
    taken.push(performance.now() - began);
  }
  return taken;
}"""
DRIFT = """(video, [head, seconds]) => new Promise((done) => {
  const small = document.createElement('canvas');
  [small.width, small.height] = [BITS + 2, 1];
  const brush = small.getContext('2d', { willReadFrequently: true });
  const apart = [];
  const number = () => {
    const square = SQUARE_PX * video.videoWidth / 640;
    brush.drawImage(video, 0, square / 4, (BITS + 2) * square, square / 2, 0, 0, BITS + 2, 1);
    const seen = brush.getImageData(0, 0, BITS + 2, 1).data;
    let bits = 0;
    for (let i = 0; i < BITS + 2; i += 1) bits = 2 * bits + (seen[4 * i] > 127 ? 1 : 0);
    return bits >> (BITS + 1) === 1 && bits % 2 === 0 ? (bits >> 1) % (1 << BITS) : -1;
  };
  const look = () => {
    const [seen, at] = [number(), Number(head.dataset.time)];
    if (seen >= 0 && video.currentTime > 0.5) apart.push([at, seen]);
    if (video.currentTime > seconds || video.ended) done(apart);
    else requestAnimationFrame(look);
  };
  look();
})""".replace("BITS", str(BITS)).replace("SQUARE_PX", str(SQUARE_PX))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sessions, loop = kept(folder, round(60 * RATE_HZ * wishes.minutes))
        with served(folder, [sys.executable], app_path()) as server, browser_page() as page:
            page.goto(server[0] + "?view=history")
            page.locator(".st-key-calendar table").wait_for()
            measure(page, server, sessions, loop)


def kept(folder: Path, count: int) -> tuple[list[str], int]:
    """Put sessions of so many pictures into the history; return their ids and the loop's length."""
    short = folder / "short.mp4"
    loop = marked_film(short)
    film = long_copy(short, folder / "long.mp4", count)
    analysis = looped(analyze_video(short, Request()), count)
    with open_store(folder=folder / "data" / "history") as store:
        plain = replace(analysis, path=film)
        ids = [store.add(plain, keep_video=True) for _ in range(ROUNDS)]
    print(f"{count} pictures, {len(analysis.reps)} repetitions")
    return ids, loop


def marked_film(film: Path) -> int:
    """Write the sample, each picture with its number; return how many."""
    count = 0
    with av.open(str(SAMPLE)) as source, av.open(str(film), "w") as sink:
        stream: Any = sink.add_stream("libx264", rate=RATE_HZ)
        seen = source.streams.video[0]
        stream.width, stream.height, stream.pix_fmt = seen.width, seen.height, "yuv420p"
        side = SQUARE_PX * seen.width // 640
        for number, frame in enumerate(source.decode(seen)):
            picture = frame.to_ndarray(format="rgb24")
            for place, bit in enumerate([1, *(number >> b & 1 for b in reversed(range(BITS))), 0]):
                picture[:side, side * place : side * (place + 1)] = 255 * bit
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            count += 1
        sink.mux(stream.encode(None))
    return count


def looped(analysis: Analysis, count: int) -> Analysis:
    """The same pictures over and over, each a little different, as a recording of its own."""
    chance = np.random.default_rng(1)
    seen = [result.observation for result in analysis.results]
    lasts_s = seen[-1].time_s + seen[1].time_s - seen[0].time_s
    rounds = (
        replace(unlike(one, chance), index=turn * len(seen) + one.index, time_s=one.time_s + s)
        for turn in range(ceil(count / len(seen)))
        for s in [turn * lasts_s]
        for one in seen
    )
    results = [
        replace(analysis.results[index % len(seen)], observation=one, events=())
        for index, one in enumerate(islice(rounds, count))
    ]
    whole = replace(
        analysis,
        results=tuple(results),
        reps=(),
        events=(),
        info=replace(analysis.info, duration_s=count / RATE_HZ),
    )
    window = analysis.calibration.window if analysis.calibration else TimeWindow(0.0, 2.0)
    read = Corrector(whole).correct(Corrections(neutral=window))
    return replace(read, corrections=Corrections(), request=analysis.request, neutral_found=True)


def unlike(seen: Observation, chance: np.random.Generator) -> Observation:
    """A picture in which nothing is quite as it was."""
    if seen.landmarks_px is None or seen.world_m is None:
        return seen
    factors = 1.0 + JITTER * chance.standard_normal(len(fields(Measures)))
    measures = Measures(
        *(
            getattr(seen.measures, f.name) * k
            for f, k in zip(fields(Measures), factors.tolist(), strict=True)
        )
    )
    contour = seen.contour
    if contour is not None:
        back, front = (
            (edge + JITTER * chance.standard_normal(len(edge))).astype(np.float32)
            for edge in (contour.back, contour.front)
        )
        contour = replace(contour, back=back, front=front)
    points = seen.landmarks_px + 100 * JITTER * chance.standard_normal(seen.landmarks_px.shape)
    world = seen.world_m + JITTER * chance.standard_normal(seen.world_m.shape)
    return replace(
        seen,
        landmarks_px=points.astype(np.float32),
        world_m=world.astype(np.float32),
        measures=measures,
        contour=contour,
    )


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of a Chromium of its own."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        page.set_default_timeout(120_000)
        yield page
        browser.close()


def measure(page: Page, server: tuple[str, psutil.Process], sessions: list[str], loop: int) -> None:
    """Open, put right, pan and play."""
    address, process = server
    opening, bodies, correcting = [], [], []
    page.add_init_script(SHOWN)
    for session in sessions:
        before_s = cpu_s(process)
        page.goto(f"{address}?view=history&session={session}")
        opening.append((page.evaluate("window.shown"), cpu_s(process) - before_s))
        page.locator(BODY).wait_for()
        bodies.append((page.evaluate("performance.now()"), cpu_s(process) - before_s))
        page.wait_for_function(f"{RUNNING} === 'notRunning'")
        page.wait_for_timeout(5000)  # until what a correction needs is prepared
        correcting += [corrected(page, process, start_s) for start_s in (0.3, 0.6)]
    told("opening for the first time", opening)
    told("until the body is there too", bodies)
    told("another neutral", correcting)
    plot = page.locator("[data-part=plot]").first
    print(f"{'a step of panning':30} {median(plot.evaluate(PANNED)):8.1f} ms")
    drift(page, loop)


def corrected(page: Page, process: psutil.Process, start_s: float) -> tuple[float, float]:
    """Move the neutral; milliseconds until all is there, and the server's processor seconds."""
    field = page.locator(".st-key-right-from input")
    if not field.is_visible():
        page.locator("[data-testid=stExpander]").filter(has=field).locator("summary").click()
    field.fill(str(start_s))
    field.press("Enter")
    page.wait_for_timeout(1500)
    page.locator(PLAYER).evaluate(CORRECTED)
    before_s = cpu_s(process)
    page.locator(".st-key-right-apply button").click()
    taken_ms: float = page.evaluate("window.corrected")
    return taken_ms, cpu_s(process) - before_s


def drift(page: Page, loop: int) -> None:
    """Play, and compare the playhead with the picture that is seen."""
    video = page.locator("[data-part=video]").first
    head = page.locator(".playhead").first.element_handle()
    video.evaluate("v => { v.currentTime = 0; v.muted = true; return v.play(); }")
    seen = np.array(video.evaluate(DRIFT, [head, FILM_S]), dtype=float).reshape(-1, 2)
    apart_s = seen[:, 0] - seen[:, 1] / RATE_HZ
    lasts_s = loop / RATE_HZ
    apart_ms = 1000 * ((apart_s + lasts_s / 2) % lasts_s - lasts_s / 2)
    first, last = apart_ms[seen[:, 0] < 10], apart_ms[seen[:, 0] > FILM_S - 10]
    print(
        f"playhead against picture, {len(seen)} refreshes in {FILM_S:.0f} s: median "
        f"{np.median(apart_ms):.1f} ms, at most {np.abs(apart_ms).max():.1f} ms; first ten seconds "
        f"{first.mean():.1f}, last ten {last.mean():.1f} ms"
    )


def cpu_s(process: psutil.Process) -> float:
    """Processor time of the server so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def told(name: str, taken: list[tuple[float, float]]) -> None:
    """Print medians."""
    wall_ms, server_s = (median(column) for column in zip(*taken, strict=True))
    print(f"{name:30} {wall_ms:8.0f} ms, of the server's processor {server_s:.2f} s")


if __name__ == "__main__":
    main()
