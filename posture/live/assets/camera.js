// Where pictures come from: a camera, or one of our own videos in its place.

const LONGEST_SIDE = 640;
const QUALITY = 0.8;
const KEPT = 4; // pictures that may still be answered
const REMEMBERED = "posture.camera";
// A sample that begins again does so this much later; longer than any sample.
const AGAIN_MS = 60_000;
// With no more than this for a picture it plays at its full speed.
const EASY_MS = 60;
// A camera whose own clock seems to be further behind has begun to count anew.
const LATE_MS = 10_000;
// Chromium's: a camera's pictures without a video that shows them.
const Processor = /** @type {any} */ (window).MediaStreamTrackProcessor;

/** @typedef {HTMLVideoElement | VideoFrame} Shot What is seen now; a frame holds until it is seen. */
/** @typedef {(takenMs: number, shot: Shot) => void} See */

/** @param {Shot} shot @returns {[number, number]} Its width and height. */
export function sizeOf(shot) {
  if (shot instanceof HTMLVideoElement) return [shot.videoWidth, shot.videoHeight];
  return [shot.displayWidth, shot.displayHeight];
}

/** Why there is no picture; each has its sentence. */
export class CameraTrouble extends Error {
  /** @param {string} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/**
 * @param {unknown} error What getUserMedia threw.
 * @returns {string} Which trouble it is.
 */
export function troubleOf(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "unknown";
}

/** The camera that was used last. */
export function remembered() {
  try {
    return window.localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} deviceId */
export function remember(deviceId) {
  try {
    window.localStorage.setItem(REMEMBERED, deviceId);
  } catch {
    // A browser that keeps nothing: then it is chosen anew.
  }
}

/** @returns {Promise<MediaDeviceInfo[]>} The cameras that can be told apart. */
export async function cameras() {
  const media = navigator.mediaDevices;
  if (!media?.enumerateDevices) return [];
  const all = await media.enumerateDevices();
  return all.filter((device) => device.kind === "videoinput" && device.deviceId);
}

/**
 * A running source of pictures, shown in a video element that nobody sees; a camera not even there
 * where its pictures can be had without.
 */
export class Source {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {ReadableStreamDefaultReader<VideoFrame> | null} Of the camera, where there is one. */
    this.frames = null;
    /** @type {(kind: string) => void} Told when the pictures stop by themselves. */
    this.stopped = () => {};
    this.turn = 0;
    this.isSample = false;
    this.openedMs = 0;
  }

  /** Open the camera. Throws CameraTrouble. */
  async openCamera() {
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraTrouble("insecure");
    const wish = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    const deviceId = remembered();
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: deviceId ? { ...wish, deviceId: { ideal: deviceId } } : { ...wish, facingMode: "user" },
      });
    } catch (error) {
      throw new CameraTrouble(troubleOf(error));
    }
    const [track] = stream.getVideoTracks();
    const used = track.getSettings().deviceId;
    if (used) remember(used);
    track.addEventListener("ended", () => {
      if (this.stream === stream) this.stopped("unplugged");
    });
    this.stream = stream;
    this.isSample = false;
    this.video.srcObject = stream;
    if (Processor) this.frames = new Processor({ track }).readable.getReader();
    else await this.play();
  }

  /** Open a video of ours in the camera's place; it waits at its beginning. @param {string} url */
  async openSample(url) {
    this.isSample = true;
    this.openedMs = performance.now();
    this.video.srcObject = null;
    this.video.src = url;
    this.video.onended = () => this.stopped("ended");
    await new Promise((resolve, reject) => {
      this.video.onloadeddata = resolve;
      this.video.onerror = () => reject(new CameraTrouble("sample"));
    });
  }

  /** Whether a sample has not begun yet. */
  get waits() {
    return this.isSample && this.video.paused && this.video.currentTime === 0;
  }

  /**
   * A sample goes by its own time: on a busy computer it may play slower than the clock.
   * @param {number} seconds Time in the sample.
   * @returns {number} Milliseconds.
   */
  sampleMs(seconds) {
    return this.openedMs + 1000 * seconds;
  }

  /**
   * A sample plays no quicker than it can be followed, or its stillness is over before neutral is.
   * @param {number} serverMs What the server takes for a picture.
   */
  pace(serverMs) {
    if (!this.isSample) return;
    const steps = Math.floor(4 * EASY_MS / Math.max(serverMs, EASY_MS));
    this.video.playbackRate = Math.max(1, steps) / 4;
  }

  /** Let a sample begin again; its time still rises. */
  rewind() {
    this.video.pause();
    const begin = () => {
      this.openedMs += AGAIN_MS;
      void this.play();
    };
    this.video.addEventListener("seeked", begin, { once: true });
    this.video.currentTime = 0;
  }

  /** Whether what is shown is not what its time says. */
  get seeks() {
    return this.isSample && this.video.seeking;
  }

  async play() {
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        throw new CameraTrouble(this.isSample ? "sample" : "busy");
      }
    }
  }

  /** Call back for each new picture, with the time at which it was taken. @param {See} see */
  watch(see) {
    const turn = ++this.turn;
    const video = this.video;
    if (this.frames) {
      void this.read(this.frames, see);
      return;
    }
    if (typeof video.requestVideoFrameCallback === "function") {
      const next = () =>
        video.requestVideoFrameCallback((now, about) => {
          if (turn !== this.turn) return;
          see(this.isSample ? this.sampleMs(about.mediaTime) : (about.captureTime ?? now), video);
          next();
        });
      next();
      return;
    }
    let last = -1;
    const look = () => {
      if (turn !== this.turn) return;
      if (video.currentTime !== last) {
        last = video.currentTime;
        see(this.isSample ? this.sampleMs(last) : performance.now(), video);
      }
      requestAnimationFrame(look);
    };
    look();
  }

  /**
   * See a camera's pictures as they come: no screen has to be drawn for it.
   * @param {ReadableStreamDefaultReader<VideoFrame>} frames
   * @param {See} see
   */
  async read(frames, see) {
    const turn = this.turn;
    let zeroMs = Infinity;
    for (;;) {
      const { done, value: frame } = await frames.read();
      if (done || !frame) return;
      // By the camera's own clock, which is as even as its pictures; the quickest one sets it.
      const ownMs = frame.timestamp / 1000;
      const behindMs = performance.now() - ownMs;
      zeroMs = behindMs - zeroMs > LATE_MS ? behindMs : Math.min(zeroMs, behindMs);
      if (turn === this.turn && !document.hidden) see(zeroMs + ownMs, frame);
      // A camera has room for a few only.
      frame.close();
    }
  }

  close() {
    this.turn += 1;
    this.video.onended = null;
    this.video.onerror = null;
    this.video.pause();
    const stream = this.stream;
    this.stream = null;
    this.frames = null;
    for (const track of stream?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
    if (this.isSample) {
      this.video.removeAttribute("src");
      this.video.load();
    }
  }
}

/** The last few pictures, so that a result is drawn on the very picture it belongs to. */
export class Pictures {
  constructor() {
    this.longestSide = LONGEST_SIDE;
    /** Width and height of the last, in words. */
    this.size = "";
    /** @type {Map<number, HTMLCanvasElement>} By their number, oldest first. */
    this.kept = new Map();
  }

  /**
   * Copy what is seen now.
   * @param {Shot} shot
   * @param {number} sequence Its number.
   * @returns {Uint8Array} It as a JPEG.
   */
  take(shot, sequence) {
    const [wide, high] = sizeOf(shot);
    const scale = Math.min(1, this.longestSide / Math.max(wide, high));
    const [width, height] = [Math.round(wide * scale), Math.round(high * scale)];
    this.size = `${width} × ${height}`;
    const canvas = this.blank();
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.kept.set(sequence, canvas);
    const brush = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    brush?.drawImage(shot, 0, 0, width, height);
    // At once, on this thread: asking another one for it takes twice as long, most of it waiting.
    return bytesOf(canvas.toDataURL("image/jpeg", QUALITY));
  }

  /** @returns {HTMLCanvasElement} The one of the oldest picture, once there are enough. */
  blank() {
    const [oldest] = this.kept;
    if (!oldest || this.kept.size < KEPT) return document.createElement("canvas");
    this.kept.delete(oldest[0]);
    return oldest[1];
  }

  /** @param {number} sequence @returns {HTMLCanvasElement | null} */
  find(sequence) {
    return this.kept.get(sequence) ?? null;
  }

  close() {
    this.kept.clear();
  }
}

/** @param {string} url With its content in base 64. @returns {Uint8Array} The content. */
function bytesOf(url) {
  const letters = atob(url.slice(url.indexOf(",") + 1));
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
