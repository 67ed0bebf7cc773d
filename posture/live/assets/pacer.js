// The breath to be followed: a shape that swells and sinks, and a soft tone that rises and falls.

const SMALL = 0.35; // how large the shape is when all breath is out
// The first rounds are led in the exercise's own words; later a few words do.
const TOLD_ROUNDS = 2;

/** @typedef {{kind: "inhale" | "exhale" | "rest", progress: number, left: number, round: number}} Breath */

/** The pacer's picture, and what is heard of it. */
export class Pacer {
  /**
   * @param {HTMLElement} place
   * @param {import("./sound.js").Voice} voice
   * @param {(key: string) => string} say A text by its key.
   */
  constructor(place, voice, say) {
    this.place = place;
    this.voice = voice;
    this.say = say;
    this.shape = /** @type {HTMLElement} */ (place.querySelector('[data-part="lung"]'));
    this.count = /** @type {HTMLElement} */ (place.querySelector('[data-part="breathleft"]'));
    /** Where swelling is too much movement, the seconds are counted instead. */
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {string | undefined} */
    this.kind = undefined;
  }

  /** @param {Breath | undefined} breath */
  follow(breath) {
    this.place.hidden = !breath;
    if (breath && breath.kind !== this.kind) this.turn(breath);
    if (!breath && this.kind) this.voice.glide(null, 0);
    this.kind = breath?.kind;
    if (!breath) return;
    this.place.dataset.breath = breath.kind;
    const size = this.calm.matches ? 1 : SMALL + (1 - SMALL) * full(breath);
    this.shape.style.transform = `scale(${size.toFixed(3)})`;
    this.count.hidden = !this.calm.matches;
    const seconds = String(Math.max(1, Math.ceil(breath.left)));
    if (this.count.textContent !== seconds) this.count.textContent = seconds;
  }

  /** The breath turns. @param {Breath} breath */
  turn(breath) {
    const key = breath.round <= TOLD_ROUNDS ? "breath" : "breathe";
    this.voice.breathe(this.say(`${key}.${breath.kind}`));
    this.voice.glide(breath.kind, breath.left);
  }
}

/** @param {Breath} breath @returns {number} How full the lungs are, 0 to 1; slow at both ends. */
function full(breath) {
  const eased = (1 - Math.cos(Math.PI * breath.progress)) / 2;
  if (breath.kind === "inhale") return eased;
  return breath.kind === "exhale" ? 1 - eased : 0;
}
