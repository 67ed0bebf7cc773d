// Where pictures come from: a camera, or one of our own videos in its place.

const LONGEST_SIDE = 640;
const KEPT = 4; // pictures that may still be answered
const REMEMBERED = "posture.camera";
// A sample that begins again does so this much later; longer than any sample.
const AGAIN_MS = 60_000;
// With no more than this for a picture it plays at its full speed.
const EASY_MS = 60;

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

/** A running source of pictures, shown in a video element that nobody sees. */
export class Source {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    /** @type {MediaStream | null} */
    this.stream = null;
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
    await this.play();
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

  /** Call back for each new picture, with the time at which it was taken. @param {(ms: number) => void} see */
  watch(see) {
    const turn = ++this.turn;
    const video = this.video;
    if (typeof video.requestVideoFrameCallback === "function") {
      const next = () =>
        video.requestVideoFrameCallback((now, about) => {
          if (turn !== this.turn) return;
          see(this.isSample ? this.sampleMs(about.mediaTime) : (about.captureTime ?? now));
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
        see(this.isSample ? this.sampleMs(last) : performance.now());
      }
      requestAnimationFrame(look);
    };
    look();
  }

  close() {
    this.turn += 1;
    this.video.onended = null;
    this.video.onerror = null;
    this.video.pause();
    const stream = this.stream;
    this.stream = null;
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
    /** @type {Map<number, ImageBitmap>} By their number, oldest first. */
    this.kept = new Map();
    /** @type {Map<number, (jpeg: ArrayBuffer) => void>} Who waits for which. */
    this.packing = new Map();
    this.packer = new Worker(new URL("pack.js", import.meta.url));
    this.packer.onmessage = (event) => {
      const { sequence, jpeg } = event.data;
      this.packing.get(sequence)?.(jpeg);
      this.packing.delete(sequence);
    };
  }

  /**
   * Copy the video's picture.
   * @param {HTMLVideoElement} video
   * @param {number} sequence Its number.
   * @returns {Promise<ArrayBuffer>} It as a JPEG.
   */
  async take(video, sequence) {
    const scale = this.longestSide / Math.max(video.videoWidth, video.videoHeight);
    const smaller = {
      resizeWidth: Math.round(video.videoWidth * scale),
      resizeHeight: Math.round(video.videoHeight * scale),
    };
    const picture = await createImageBitmap(video, scale < 1 ? smaller : {});
    this.size = `${picture.width} × ${picture.height}`;
    this.kept.set(sequence, picture);
    for (const [old, unused] of this.kept) {
      if (this.kept.size <= KEPT) break;
      unused.close();
      this.kept.delete(old);
    }
    return new Promise((resolve) => {
      this.packing.set(sequence, resolve);
      this.packer.postMessage({ sequence, picture });
    });
  }

  /** @param {number} sequence @returns {ImageBitmap | null} */
  find(sequence) {
    return this.kept.get(sequence) ?? null;
  }

  close() {
    this.packer.terminate();
    for (const picture of this.kept.values()) picture.close();
    this.kept.clear();
  }
}
