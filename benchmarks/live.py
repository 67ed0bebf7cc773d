"""How quick live practice is: frames per second, age of what is drawn, load of server and browser.

    python benchmarks/live.py [--tabs 1 2] [--seconds 15]

Starts the page's own server and a headless Chromium whose camera shows a sample video at 30 frames
a second. A frame's age runs from the moment the camera took it to the moment its own lines were
drawn on it, both on the browser's clock. Needs the development dependencies and Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

from posture.adapters.video_reader import open_video
from posture.resources import app_path, sample_videos

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-renderer-backgrounding",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
SETTLE_S = 6.0
# Writes down when each picture was taken and when its answer had been drawn.
WITNESS = """
window.witness = [];
const taken = new Map();
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...wishes) {
    super(...wishes);
    if (!this.url.endsWith('/live/socket')) return;
    this.addEventListener('message', (event) => {
      const moment = JSON.parse(event.data);
      if (moment.type !== 'moment' || !moment.stage) return;
      setTimeout(() => window.witness.push(
        [performance.now(), performance.now() - taken.get(moment.seq), moment.ms]));
    });
  }
  send(message) {
    if (message instanceof Uint8Array) {
      const view = new DataView(message.buffer);
      taken.set(view.getUint32(4, true), view.getFloat64(8, true));
    }
    super.send(message);
  }
};
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured with so many tabs.

    Attributes:
        tabs: How many practised at once.
        fps: Unique frames per second, each tab.
        age_ms: Age of each drawn frame, milliseconds, all tabs.
        server_ms: Time the server took for each, milliseconds, all tabs.
        server_cores: Processor time of the server over the time measured.
        browser_cores: The same of the browser with all its processes.
        other_cores: The same of everything else on this computer.
    """

    tabs: int
    fps: list[float]
    age_ms: np.ndarray
    server_ms: np.ndarray
    server_cores: float
    browser_cores: float
    other_cores: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=15.0)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        film = camera_film(Path(folder))
        with sync_playwright() as playwright:
            for tabs in wishes.tabs:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                    args=[*FLAGS, f"--use-file-for-fake-video-capture={film}"],
                )
                report(measured(browser, server, tabs, wishes.seconds))
                browser.close()


def camera_film(folder: Path) -> Path:
    """Write a sample video as the browser's camera takes it."""
    film = folder / "camera.mjpeg"
    with open_video(sample_videos()[0]) as video, film.open("wb") as out:
        for frame in video:
            picture = cv2.cvtColor(frame.image_rgb, cv2.COLOR_RGB2BGR)
            out.write(cv2.imencode(".jpg", picture)[1].tobytes())
    return film


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Start the page's server; yield its address and its process."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app_path())]
    command += [f"--server.port={port}", "--server.headless=true"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})
    address = f"http://localhost:{port}/"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address + "_stcore/health", timeout=5).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def measured(
    browser: Browser, server: tuple[str, psutil.Process], tabs: int, seconds: float
) -> Figures:
    """Let so many tabs practise, and measure for a while once all do."""
    address, process = server
    pages = [practising(browser, address) for _ in range(tabs)]
    time.sleep(SETTLE_S)
    for page in pages:
        page.evaluate("window.witness.length = 0")
    before_s, cpu_before = time.monotonic(), cpu_seconds(process)
    # The pages' own threads run on meanwhile; asking them would disturb them.
    time.sleep(seconds)
    cpu_after, after_s = cpu_seconds(process), time.monotonic()
    witnessed = [np.array(page.evaluate("window.witness")) for page in pages]
    for page in pages:
        page.close()
    span_s = after_s - before_s
    server_cores, browser_cores, all_cores = (
        (after - before) / span_s for before, after in zip(cpu_before, cpu_after, strict=True)
    )
    both = np.concatenate(witnessed)
    return Figures(
        tabs=tabs,
        fps=[len(each) / span_s for each in witnessed],
        age_ms=both[:, 1],
        server_ms=both[:, 2],
        server_cores=server_cores,
        browser_cores=browser_cores,
        other_cores=all_cores - server_cores - browser_cores,
    )


def practising(browser: Browser, address: str) -> Page:
    """Open a tab that practises."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(WITNESS)
    page.goto(address + "?view=live")
    page.locator('[data-do="camera"]').first.click(timeout=60_000)
    seen = page.locator("[data-part=stage], [data-part=trouble]").filter(visible=True).first
    seen.wait_for(timeout=60_000)
    trouble = page.locator("[data-part=trouble]").inner_text()
    if trouble:
        raise SystemExit(f"The browser does not practise: {trouble}")
    return page


def cpu_seconds(server: psutil.Process) -> tuple[float, float, float]:
    """Processor time so far of the server, of the browser, and of everything."""
    times: Any = server.cpu_times()
    browser_s = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            if "chrom" in child.name():
                used: Any = child.cpu_times()
                browser_s += used.user + used.system
        except psutil.NoSuchProcess:
            continue
    everything: Any = psutil.cpu_times()
    busy_s = everything.user + everything.nice + everything.system
    return times.user + times.system, browser_s, busy_s


def report(figures: Figures) -> None:
    """Print one line of the table."""
    age, server = figures.age_ms, figures.server_ms
    print(
        f"{figures.tabs} tab(s): "
        f"{', '.join(f'{fps:.1f}' for fps in figures.fps)} frames/s; "
        f"age median {np.median(age):.0f} ms, p95 {np.percentile(age, 95):.0f} ms; "
        f"server {np.median(server):.0f} ms a frame; "
        f"cores: server {figures.server_cores:.2f}, browser {figures.browser_cores:.2f}, "
        f"everything else {figures.other_cores:.2f} of {psutil.cpu_count()}",
        flush=True,
    )


if __name__ == "__main__":
    main()
