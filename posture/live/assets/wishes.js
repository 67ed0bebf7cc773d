// What the visitor likes: kept in this browser, for the next time.

const KEY = "posture.live";

/**
 * @typedef {object} Wishes
 * @property {number} volume 0 to 100.
 * @property {boolean} large Large text.
 * @property {boolean} swapped Gauges to the left of the picture.
 * @property {boolean} tone The tone that follows the tilt.
 * @property {boolean} breath The tone that follows the breath.
 * @property {number} delay Seconds to walk to one's place before it begins.
 */

/** @type {Wishes} */
const USUAL = { volume: 100, large: false, swapped: false, tone: false, breath: true, delay: 0 };

/** @returns {Wishes} */
export function wishes() {
  try {
    const kept = JSON.parse(window.localStorage.getItem(KEY) ?? "{}");
    const fitting = Object.entries(kept).filter(
      ([name, value]) => typeof value === typeof USUAL[/** @type {"delay"} */ (name)],
    );
    return { ...USUAL, ...Object.fromEntries(fitting) };
  } catch {
    return { ...USUAL };
  }
}

/** @param {Wishes} wanted */
export function keep(wanted) {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(wanted));
  } catch {
    // A browser that keeps nothing: then it is chosen anew.
  }
}
