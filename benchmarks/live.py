"""How quick live practice is: frames per second, age of what is drawn, load of server and browser.

    python -m benchmarks.live [--tabs 1 2 4] [--seconds 15] [--yardstick PYTHON] [--minutes 10]

Starts the page's own server and a headless Chromium whose camera shows a sample video at 30 frames
a second, with the number of each picture as black and white squares in a corner. A picture's age is
read from those: from the moment its number is seen in the camera's own video to the moment it is
seen on the canvas with the lines on it, both by the same look at every screen refresh. The first
lines are timed from the moment the camera is allowed, a cue from the capture of the picture in
which its event lies to the beginning of the sound. Each tab has a browser of its own: in a single
one the made-up camera gives four tabs a picture a second. ``PYTHON``
is that of an environment with streamlit-webrtc (see README.md): its plain loop, with the same model
and the same pipeline, is then measured in the same run, by the same squares. ``--minutes`` lets one
tab practise for long, and prints what grows. Needs the development dependencies and Chromium.
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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.resources import app_path, sample_videos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Frame

    Opened = Callable[[Browser, str], Frame]

Server = tuple[str, psutil.Process]
SAMPLE = next(video for video in sample_videos() if video.stem == "standing_tilt_left")

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
BITS = 10
SQUARE_PX = 16
# Reads the squares in the camera's own video with each of its pictures, and in what is shown at the
# first refresh after it was drawn anew.
MARKS = """
window.watchMarks = async (shown) => {
  const camera = document.createElement('video');
  const wish = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: wish });
  camera.muted = true;
  await camera.play();
  const small = document.createElement('canvas');
  [small.width, small.height] = [BITS + 2, 1];
  const brush = small.getContext('2d', { willReadFrequently: true });
  const read = (source) => {
    const square = SQUARE_PX * (source.videoWidth ?? source.width) / 640;
    if (!square) return -1;
    const wide = (BITS + 2) * square;
    const mirrored = source.classList.contains('mirrored');
    brush.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? BITS + 2 : 0, 0);
    const left = mirrored ? source.width - wide : 0;
    brush.drawImage(source, left, square / 4, wide, square / 2, 0, 0, BITS + 2, 1);
    const seen = brush.getImageData(0, 0, BITS + 2, 1).data;
    return numberOf(Array.from({ length: BITS + 2 }, (_, i) => seen[4 * i] > 127));
  };
  // The first square is white and the last black, or it is none of our pictures.
  const numberOf = (bits) => {
    if (!bits[0] || bits[BITS + 1]) return -1;
    return bits.slice(1, -1).reduce((number, bit) => 2 * number + bit, 0);
  };
  const taken = new Map();
  window.marks = [];
  let [last, drawn] = [-1, -1];
  const each = (source, look) => {
    if (source.requestVideoFrameCallback) {
      const next = () => source.requestVideoFrameCallback(() => (look(), next()));
      return next();
    }
    const brush = source.getContext('2d');
    let asked = false;
    brush.drawImage = function (...what) {
      Object.getPrototypeOf(this).drawImage.apply(this, what);
      asked ||= Boolean(requestAnimationFrame(() => ((asked = false), look())));
    };
  };
  // Of the camera's picture only the squares are fetched: all of it would be a load itself.
  each(camera, async () => {
    const now = performance.now();
    const square = SQUARE_PX * camera.videoWidth / 640;
    const frame = new VideoFrame(camera);
    const rect = { x: 0, y: square / 2, width: (BITS + 2) * square, height: 2 };
    const light = new Uint8Array(frame.allocationSize({ rect }));
    const [{ offset }] = await frame.copyTo(light, { rect });
    frame.close();
    const bright = (i) => light[offset + (i + 0.5) * square] > 127;
    const number = numberOf(Array.from({ length: BITS + 2 }, (_, i) => bright(i)));
    if (number >= 0 && number !== last) taken.set((last = number), now);
  });
  each(shown, () => {
    const now = performance.now();
    const answered = read(shown);
    if (answered < 0 || answered === drawn) return;
    drawn = answered;
    if (taken.has(drawn)) window.marks.push([now, now - taken.get(drawn)]);
  });
};
""".replace("BITS", str(BITS)).replace("SQUARE_PX", str(SQUARE_PX))
# Writes down when each picture was taken and when its answer had been drawn, when the camera was
# allowed and when the first lines were there, and how long after its picture a cue was heard.
WITNESS = """
window.witness = [];
window.cues = [];
window.firstMs = -1;
const taken = new Map();
let [allowed, asked] = [0, 0];
const media = navigator.mediaDevices;
const open = media.getUserMedia.bind(media);
media.getUserMedia = async (...wishes) => {
  const stream = await open(...wishes);
  allowed ||= performance.now();
  return stream;
};
const heard = (inMs) => {
  if (asked) window.cues.push(performance.now() + inMs - asked);
  asked = 0;
};
for (const kind of [AudioBufferSourceNode, OscillatorNode]) {
  const start = kind.prototype.start;
  kind.prototype.start = function (when = 0, ...others) {
    const { currentTime, baseLatency, outputLatency } = this.context;
    heard(1000 * (Math.max(0, when - currentTime) + baseLatency + outputLatency));
    start.call(this, when, ...others);
  };
}
const speak = SpeechSynthesis.prototype.speak;
SpeechSynthesis.prototype.speak = function (words) {
  words.addEventListener('start', () => heard(0));
  speak.call(this, words);
};
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...wishes) {
    super(...wishes);
    if (!this.url.endsWith('/live/socket')) return;
    this.addEventListener('message', (event) => {
      const moment = JSON.parse(event.data);
      if (moment.type !== 'moment' || !moment.stage) return;
      if (moment.cue || moment.rep) asked = taken.get(moment.seq);
      setTimeout(() => {
        const now = performance.now();
        window.witness.push([now, now - taken.get(moment.seq), moment.ms]);
        if (window.firstMs < 0) window.firstMs = now - allowed;
      });
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
        name: What was measured.
        tabs: How many practised at once.
        fps: Unique frames per second, each tab.
        age_ms: Age of each drawn picture as its squares tell it, milliseconds, all tabs.
        clock_age_ms: The same from the camera's time stamp to the end of drawing; may be empty.
        server_ms: Time the server took for each, milliseconds, all tabs; may be empty.
        first_ms: From the camera's permission to the first lines, each tab; may be empty.
        cue_ms: From a picture's capture to the sound of its cue or count, all tabs; may be empty.
        server_cores: Processor time of the server over the time measured.
        browser_cores: The same of the browser with all its processes.
        other_cores: The same of everything else on this computer.
    """

    name: str
    tabs: int
    fps: list[float]
    age_ms: np.ndarray
    clock_age_ms: np.ndarray
    server_ms: np.ndarray
    first_ms: np.ndarray
    cue_ms: np.ndarray
    server_cores: float
    browser_cores: float
    other_cores: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--minutes", type=int, default=0)
    parser.add_argument("--yardstick", metavar="PYTHON")
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        camera = f"--use-file-for-fake-video-capture={camera_film(folder)}"

        @contextmanager
        def browser() -> Iterator[Browser]:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            launched = playwright.chromium.launch(executable_path=path, args=[*FLAGS, camera])
            yield launched
            launched.close()

        with served(folder, [sys.executable], app_path()) as server:
            if wishes.minutes:
                with browser() as opened:
                    endurance(opened, server, wishes.minutes)
                return
            with browser() as opened:  # so that the server is warm
                practising(opened, server[0])
            for tabs in wishes.tabs:
                with ExitStack() as browsers:
                    own = [browsers.enter_context(browser()) for _ in range(tabs)]
                    report(measured(own, server, wishes.seconds, practising))
        if wishes.yardstick:
            page = Path(__file__).with_name("webrtc_page.py")
            with served(folder, [wishes.yardstick], page) as server, browser() as opened:
                report(measured([opened], server, wishes.seconds, talking_webrtc))


def camera_film(folder: Path) -> Path:
    """Write a sample video as the browser's camera takes it, each picture with its number."""
    film = folder / "camera.mjpeg"
    with open_video(SAMPLE) as video, film.open("wb") as out:
        for number, frame in enumerate(video):
            picture = cv2.cvtColor(frame.image_rgb, cv2.COLOR_RGB2BGR)
            bits = [1, *(number >> bit & 1 for bit in reversed(range(BITS))), 0]
            for place, bit in enumerate(bits):
                left = SQUARE_PX * place
                picture[:SQUARE_PX, left : left + SQUARE_PX] = 255 * bit
            out.write(cv2.imencode(".jpg", picture)[1].tobytes())
    return film


@contextmanager
def served(folder: Path, python: list[str], page: Path) -> Iterator[Server]:
    """Start a page's server; yield its address and its process.

    Args:
        folder: Where its log and its data go.
        python: What runs it.
        page: The Streamlit script.
    """
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    command = [*python, "-m", "streamlit", "run", str(page)]
    command += [f"--server.port={port}", "--server.headless=true"]
    with (folder / "server.log").open("wb") as log:
        data = {"PYTHONPATH": str(app_path().parent), "POSTURE_DATA_DIR": str(data_of(folder))}
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **data})
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


def data_of(folder: Path) -> Path:
    """Return a data folder of its own, with the full pose model alone: nothing quicker is taken."""
    models = folder / "data" / "models"
    if not models.exists():
        models.mkdir(parents=True)
        shutil.copy(ModelStore().path("full"), models)
    return models.parent


def measured(browsers: list[Browser], server: Server, seconds: float, opened: Opened) -> Figures:
    """Let a tab practise in each browser, and measure for a while once all do."""
    address, process = server
    frames = [opened(browser, address) for browser in browsers]
    time.sleep(SETTLE_S)
    for frame in frames:
        frame.evaluate("[window.witness, window.marks].forEach((list) => { list.length = 0; })")
    before_s, cpu_before = time.monotonic(), cpu_seconds(process)
    # The pages' own threads run on meanwhile; asking them would disturb them.
    time.sleep(seconds)
    cpu_after, after_s = cpu_seconds(process), time.monotonic()
    marks = [table(frame.evaluate("window.marks"), 2) for frame in frames]
    witnessed = np.concatenate([table(frame.evaluate("window.witness"), 3) for frame in frames])
    firsts = [frame.evaluate("window.firstMs ?? -1") for frame in frames]
    cues = [np.array(frame.evaluate("window.cues ?? []"), np.float64) for frame in frames]
    span_s = after_s - before_s
    server_cores, browser_cores, all_cores = (
        (after - before) / span_s for before, after in zip(cpu_before, cpu_after, strict=True)
    )
    return Figures(
        name="the plain WebRTC loop" if opened is talking_webrtc else "live practice",
        tabs=len(frames),
        fps=[len(each) / span_s for each in marks],
        age_ms=np.concatenate(marks)[:, 1],
        clock_age_ms=witnessed[:, 1],
        server_ms=witnessed[:, 2],
        first_ms=np.array([each for each in firsts if each >= 0]),
        cue_ms=np.concatenate(cues),
        server_cores=server_cores,
        browser_cores=browser_cores,
        other_cores=all_cores - server_cores - browser_cores,
    )


def endurance(browser: Browser, server: Server, minutes: int) -> None:
    """Let one tab practise for long; print latency, memory and threads, minute by minute."""
    address, process = server
    frame = practising(browser, address)
    time.sleep(SETTLE_S)
    for minute in range(1, minutes + 1):
        frame.evaluate("window.witness.length = window.marks.length = 0")
        time.sleep(60)
        age, drawn = table(frame.evaluate("window.witness"), 3), frame.evaluate("window.marks")
        print(
            f"minute {minute}: {len(drawn) / 60:.1f} frames/s; "
            f"age {np.median(table(drawn, 2)[:, 1]):.0f} ms; "
            f"server {np.median(age[:, 2]):.0f} ms a frame; "
            f"memory {process.memory_info().rss / 2**20:.0f} MB; "
            f"threads {process.num_threads()}, open files {process.num_fds()}",
            flush=True,
        )


def practising(browser: Browser, address: str) -> Frame:
    """Open a tab that practises."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(WITNESS)
    page.add_init_script(MARKS)
    page.goto(address + "?view=live")
    page.locator('[data-do="camera"]').first.click(timeout=60_000)
    seen = page.locator("[data-part=stage], [data-part=trouble]").filter(visible=True).first
    seen.wait_for(timeout=60_000)
    trouble = page.locator("[data-part=trouble]").inner_text()
    if trouble:
        raise SystemExit(f"The browser does not practise: {trouble}")
    page.locator("[data-part=picture]").evaluate("canvas => window.watchMarks(canvas)")
    return page.main_frame


def talking_webrtc(browser: Browser, address: str) -> Frame:
    """Open a tab with the yardstick's page."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script("window.witness = [];")
    page.add_init_script(MARKS)
    page.goto(address)
    inner = page.locator("iframe").first.content_frame
    inner.get_by_role("button", name="START").click(timeout=60_000)
    video = inner.locator("video")
    video.wait_for(timeout=60_000)
    frame = next(frame for frame in page.frames if frame is not page.main_frame)
    frame.wait_for_function("document.querySelector('video').videoWidth > 0", timeout=60_000)
    video.evaluate("video => window.watchMarks(video)")
    return frame


def table(rows: list[list[float]], columns: int) -> np.ndarray:
    """Return rows as an array; empty ones too."""
    return np.array(rows, dtype=np.float64).reshape(-1, columns)


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
    age, clock_age, server = figures.age_ms, figures.clock_age_ms, figures.server_ms
    print(
        f"{figures.name}, {figures.tabs} tab(s): "
        f"{', '.join(f'{fps:.1f}' for fps in figures.fps)} frames/s; "
        f"age {of(age)}, by the clock {of(clock_age)}; server {of(server)} a frame; "
        f"first lines {of(figures.first_ms)}; {figures.cue_ms.size} cues {of(figures.cue_ms)}; "
        f"cores: server {figures.server_cores:.2f}, browser {figures.browser_cores:.2f}, "
        f"everything else {figures.other_cores:.2f} of {psutil.cpu_count()}",
        flush=True,
    )


def of(values_ms: np.ndarray) -> str:
    """Median and 95th percentile in words."""
    if not values_ms.size:
        return "unknown"
    middle, late = np.percentile(values_ms, [50, 95])
    return f"{middle:.0f} (95 %: {late:.0f}) ms"


if __name__ == "__main__":
    main()
