// A recording's numbers, as posture/ui/player/track.py packs them.

const NOWHERE = -32768;
const PER_PIXEL = 4;
// The joints that are sent, by their place among the 33 of the pose model.
const DRAWN = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28, 31, 32];
const STANCES = [null, "backward", "neutral", "forward"];

/** @param {string} address @param {RequestCache} [cache] @returns {Promise<ArrayBuffer>} */
async function fetched(address, cache) {
  const answer = await fetch(address, { cache });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.arrayBuffer();
}

/** What the exercise watches, frame by frame. */
export class Signal {
  /** @param {ArrayBuffer} packed */
  constructor(packed) {
    this.count = new Uint32Array(packed, 0, 1)[0];
    const column = (/** @type {number} */ i) => new Float32Array(packed, 4 + 4 * i * this.count, this.count);
    [this.time, this.value, this.sd] = [column(0), column(1), column(2)];
    this.stance = new Uint8Array(packed, 4 + 12 * this.count, this.count);
  }

  /** @param {string} address */
  static async load(address) {
    return new Signal(await fetched(address, "no-store")); // the server waits to be asked
  }

  /** The frame that is shown at a time: the last one that has begun. @param {number} time */
  at(time) {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.time[middle] <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The frame whose own time is nearest. @param {number} time */
  nearest(time) {
    const i = this.at(time);
    const next = Math.min(i + 1, this.count - 1);
    return Math.abs(this.time[next] - time) < Math.abs(this.time[i] - time) ? next : i;
  }

  /** A time at which surely this frame is shown: the middle of it. @param {number} i */
  middle(i) {
    const usual = this.count > 1 ? (this.time[this.count - 1] - this.time[0]) / (this.count - 1) : 0.04;
    const end = i + 1 < this.count ? this.time[i + 1] : this.time[i] + usual;
    return (this.time[i] + end) / 2;
  }

  /** @param {number} i @returns {string | null} */
  stanceAt(i) {
    return STANCES[this.stance[i]];
  }
}

/** The body's points, frame by frame. */
export class Body {
  /** @param {ArrayBuffer} packed */
  constructor(packed) {
    const [count, joints, lines, width, height] = new Uint32Array(packed, 0, 5);
    Object.assign(this, { count, joints, lines });
    this.size = [width, height];
    this.points = new Int16Array(packed, 20);
  }

  /**
   * Null where there is none, as of a recording that is deleted in this moment.
   * @param {string} address @returns {Promise<Body | null>}
   */
  static load(address) {
    return fetched(address).then((packed) => new Body(packed), () => null);
  }

  /**
   * A frame as `draw` of the live page takes it; null without a person.
   * @param {number} i @param {Signal} signal
   */
  moment(i, signal) {
    if (i >= this.count) return null;
    const row = this.joints + 2 * this.lines;
    const read = (/** @type {number} */ place) => {
      const at = 2 * (i * row + place);
      if (this.points[at] === NOWHERE) return null;
      return [this.points[at] / PER_PIXEL, this.points[at + 1] / PER_PIXEL];
    };
    const joints = DRAWN.map((_, place) => read(place));
    if (joints.every((point) => !point)) return null;
    const points = new Array(33).fill(null);
    DRAWN.forEach((joint, place) => { points[joint] = joints[place]; });
    const side = (/** @type {number} */ first) =>
      Array.from({ length: this.lines }, (_, line) => read(first + line));
    return {
      size: this.size,
      points,
      back: side(this.joints),
      front: side(this.joints + this.lines),
      stance: signal.stanceAt(i),
      reason: Number.isNaN(signal.value[i]),
      stage: "practice",
    };
  }
}
