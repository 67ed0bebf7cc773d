// The pelvis as a bowl of water: it pours to the front and scoops to the back.

const SHOWN_PER_TILT = 1.6; // it tips further than the pelvis, so that three degrees can be seen
const MOST_DEG = 38;
const DRIP_MS = 900; // how long a drop falls
/** What is shown of it, and of its scale alone. */
const WHOLE = "-132 -134 264 262";
const SCALE = "-132 -134 264 84";

const SHAPE = `
<svg viewBox="${WHOLE}" aria-hidden="true">
  <defs><clipPath id="inside"><path data-part="inside" d="M-88 0 A88 74 0 0 0 88 0 Z"/></clipPath></defs>
  <g transform="translate(0 22)">
    <path class="arc" d="M-107.200 -90 A140 140 0 0 1 107.200 -90" />
    <line class="mark own" data-part="own-front" y1="-150" y2="-130" />
    <line class="mark own" data-part="own-back" y1="-150" y2="-130" />
    <line class="mark" y1="-148" y2="-132" />
    <path class="needle" data-part="needle" d="M0 -126 l-10 18 h20 z" />
    <g clip-path="url(#inside)"><rect class="water" data-part="water" x="-140" width="280" height="160" /></g>
    <g data-part="drops" class="drops">
      <path d="M0 0 c8 14 8 22 0 22 c-8 0 -8 -8 0 -22z" />
      <path d="M0 34 c6 11 6 17 0 17 c-6 0 -6 -6 0 -17z" />
    </g>
    <path class="rim" data-part="rim" d="M-96 0 A96 82 0 0 0 96 0" />
  </g>
</svg>`;

/** The gauge inside an element. */
export class Bowl {
  /** @param {HTMLElement} place */
  constructor(place) {
    place.innerHTML = SHAPE;
    this.place = place;
    /** Where nothing may move by itself, drops hang. */
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    /** @param {string} name */
    const part = (name) => /** @type {SVGElement} */ (place.querySelector(`[data-part="${name}"]`));
    this.parts = {
      inside: part("inside"), rim: part("rim"), water: part("water"), drops: part("drops"),
      needle: part("needle"), front: part("own-front"), back: part("own-back"),
    };
    this.show(null, null, 1, null);
  }

  /** Show what the exercise needs of it. @param {string} gauge */
  suit(gauge) {
    this.place.firstElementChild?.setAttribute("viewBox", gauge === "yaw" ? SCALE : WHOLE);
  }

  /**
   * @param {number | null} tilt Degrees, forward positive; null without a reading.
   * @param {string | null} stance
   * @param {number} ahead 1 when forward is to the right of what is seen, -1 when to the left.
   * @param {(number | null)[] | null} reach The person's own backward and forward reach, degrees.
   */
  show(tilt, stance, ahead, reach) {
    const { inside, rim, water, drops, needle, front, back } = this.parts;
    const turn = turned(tilt ?? 0) * ahead;
    const deg = `rotate(${turn.toFixed(1)})`;
    put(this.place, "data-stance", stance ?? "none");
    for (const part of [inside, rim, needle]) put(part, "transform", deg);
    // The water stays level and lies just under the lower rim.
    const low = 96 * Math.sin((Math.abs(turn) * Math.PI) / 180);
    put(water, "y", tilt === null ? "200" : Math.max(14, low + 2).toFixed(1));
    put(needle, "visibility", tilt === null ? "hidden" : "visible");
    mark(back, reach?.[0], ahead);
    mark(front, reach?.[1], ahead);
    if (stance !== "forward" && stance !== "backward") return;
    // They fall with the pictures: an animation of their own would have the page drawn twice as often.
    const fallen = this.calm.matches ? 0 : (performance.now() % DRIP_MS) / DRIP_MS;
    const side = turn < 0 ? -1 : 1;
    const x = side * (96 * Math.cos((Math.abs(turn) * Math.PI) / 180) + 8);
    put(drops, "transform", `translate(${x.toFixed(1)} ${(low + 2 + 20 * fallen).toFixed(1)})`);
    put(drops, "opacity", (1 - 0.85 * fallen).toFixed(2));
  }
}

/** @param {number} tilt @returns {number} How far the bowl is turned, degrees. */
function turned(tilt) {
  return Math.max(-MOST_DEG, Math.min(MOST_DEG, SHOWN_PER_TILT * tilt));
}

/** @param {SVGElement} element @param {number | null | undefined} tilt @param {number} ahead */
function mark(element, tilt, ahead) {
  put(element, "visibility", tilt == null ? "hidden" : "visible");
  put(element, "transform", `rotate(${(turned(tilt ?? 0) * ahead).toFixed(1)})`);
}

/** @param {Element} element @param {string} name @param {string} value Only touched when it changes. */
function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
