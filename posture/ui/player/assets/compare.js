// Two repetitions beside each other, always at the same time before or after their peaks.

import { LEFT, RIGHT, sized, stepFor } from "./curve.js";
import { Film } from "./film.js";
import { parts, say, suit } from "./parts.js";
import { Body, Signal } from "./track.js";

const SPEED = 0.5;
const AROUND_S = 0.4;

/** @type {WeakMap<object, Pair>} One for each place in the page. */
const places = new WeakMap();

/** @param {any} component @param {Function} draw @returns {() => void} */
export function mount(component, draw) {
  const place = component.parentElement;
  const pair = places.get(place) ?? new Pair(component, draw);
  places.set(place, pair);
  void pair.update(component);
  return () => {
    setTimeout(() => {
      if ((place.host ?? place).isConnected) return;
      pair.off.abort();
      places.delete(place);
    });
  };
}

class Pair {
  /** @param {any} component @param {Function} draw */
  constructor(component, draw) {
    this.root = component.parentElement;
    this.part = parts(this.root);
    this.off = new AbortController();
    const { signal } = this.off;
    this.films = [0, 1].map(
      (i) => new Film(this.part[`video${i}`], this.part[`picture${i}`], draw, () => {}, signal),
    );
    this.offset = 0;
    this.playing = false;
    this.part.player.addEventListener("click", (event) => {
      const action = event.target.closest("button")?.dataset.do;
      if (action === "play") this.play(!this.playing);
      if (action === "peak") { this.play(false); this.go(0); }
    }, { signal });
    const { curve } = this.part;
    const point = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      this.play(false);
      this.go(this.from + ((event.offsetX - LEFT) / (curve.clientWidth - LEFT - RIGHT)) * (this.to - this.from));
    };
    curve.addEventListener("pointerdown", point, { signal });
    curve.addEventListener("pointermove", point, { signal });
    curve.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) this.go(this.offset + step / 30);
      else if (event.key === " ") this.play(!this.playing);
      else return;
      event.preventDefault();
    }, { signal });
    new ResizeObserver(() => this.draw()).observe(curve);
    /** Fetched when the person comes within a screen of it, not while the page is opened. */
    this.near = new Promise((done) => {
      const watch = new IntersectionObserver((seen) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        watch.disconnect();
        done(null);
      }, { rootMargin: "100%" });
      watch.observe(this.part.player);
    });
  }

  /** @param {any} component */
  async update({ data }) {
    this.data = data;
    suit(this.root, data);
    const wanted = JSON.stringify(data.sides);
    if (wanted === this.wanted) return this.draw();
    this.wanted = wanted;
    this.play(false);
    data.sides.forEach((/** @type {any} */ side, /** @type {number} */ i) => {
      this.part[`title${i}`].textContent = side.title;
      this.part[`picture${i}`].setAttribute("aria-label", side.title);
    });
    await this.near;
    if (wanted !== this.wanted) return;
    const sides = await Promise.all(data.sides.map(async (side) => ({
      ...side, signal: await Signal.load(side.curve), points: side.body ? await Body.load(side.body) : null,
    })));
    if (wanted !== this.wanted) return;
    this.sides = sides;
    sides.forEach((side, i) => {
      const video = this.part[`video${i}`];
      if (video.getAttribute("src") !== side.film) video.src = side.film;
      this.films[i].suit(side.signal, side.points);
      video.addEventListener("loadeddata", () => this.go(this.offset), { once: true, signal: this.off.signal });
    });
    this.from = Math.min(...sides.map((side) => side.start - side.peak)) - AROUND_S;
    this.to = Math.max(...sides.map((side) => side.end - side.peak)) + AROUND_S;
    this.go(0);
    this.part.player.dataset.ready = wanted;
  }

  /** @param {number} offset Seconds after the peak. */
  go(offset) {
    if (!this.sides) return;
    this.offset = Math.max(this.from, Math.min(this.to, offset));
    this.films.forEach((film, i) => {
      const { signal, peak } = this.sides[i];
      film.go(signal.nearest(peak + this.offset));
    });
    this.draw();
  }

  /** @param {boolean} playing Both are stepped by one clock, so that neither runs ahead. */
  play(playing) {
    if (!this.sides || playing === this.playing) return;
    this.playing = playing;
    if (playing && this.offset >= this.to - 0.05) this.offset = this.from;
    const button = this.part.player.querySelector('[data-do="play"]');
    button.classList.toggle("playing", playing);
    button.setAttribute("aria-label", say(this.data, playing ? "player.pause" : "player.play"));
    let before = performance.now();
    const step = (/** @type {number} */ now) => {
      if (!this.playing || this.off.signal.aborted) return;
      this.go(this.offset + ((now - before) / 1000) * SPEED);
      before = now;
      if (this.offset >= this.to - 1e-6) this.play(false);
      else requestAnimationFrame(step);
    };
    if (playing) requestAnimationFrame(step);
  }

  draw() {
    if (!this.sides) return;
    const { curve } = this.part;
    const brush = sized(curve);
    if (!brush) return;
    const { palette } = this.data;
    const [width, height] = [curve.clientWidth - LEFT - RIGHT, curve.clientHeight - 26];
    const lines = this.sides.map(({ signal, peak }) => {
      const side = Math.sign(signal.value[signal.nearest(peak)]) || 1;
      const found = [];
      const last = signal.at(peak + this.to);
      for (let i = signal.at(Math.max(0, peak + this.from)); i <= last; i += 1) {
        found.push([signal.time[i] - peak, signal.value[i] * side]);
      }
      return found;
    });
    const values = lines.flat().map(([, value]) => value).filter((value) => !Number.isNaN(value));
    const [low, high] = [Math.min(0, ...values), Math.max(0.01, ...values) * 1.08];
    const x = (time) => LEFT + ((time - this.from) / (this.to - this.from)) * width;
    const y = (value) => 6 + (1 - (value - low) / (high - low)) * (height - 6);
    const { unit, factor } = this.sides[0];
    brush.font = `12px ${getComputedStyle(curve).fontFamily}`;
    brush.textAlign = "right";
    brush.textBaseline = "middle";
    const step = stepFor((high - low) * factor, 4) / factor;
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
      rule(brush, [LEFT, y(value)], [LEFT + width, y(value)], palette.edge, []);
      brush.fillStyle = palette.line;
      brush.fillText(`${Math.abs(Math.round(value * factor))}${unit}`, LEFT - 6, y(value));
    }
    rule(brush, [x(0), 0], [x(0), height], palette.neutral, [4, 4]);
    brush.textAlign = "center";
    brush.textBaseline = "top";
    brush.fillText(say(this.data, "player.peak"), x(0), height + 8);
    lines.forEach((line, i) => {
      brush.beginPath();
      let open = false;
      for (const [time, value] of line) {
        if (Number.isNaN(value)) open = false;
        else {
          if (open) brush.lineTo(x(time), y(value));
          else brush.moveTo(x(time), y(value));
          open = true;
        }
      }
      brush.strokeStyle = [palette.good, palette.forward][i];
      brush.setLineDash([[], [7, 4]][i]);
      brush.lineWidth = 2.5;
      brush.stroke();
    });
    brush.setLineDash([]);
    rule(brush, [x(this.offset), 0], [x(this.offset), height], palette.line, []);
    const words = `${this.offset < -0.05 ? "−" : this.offset > 0.05 ? "+" : ""}${Math.abs(this.offset).toFixed(1)} s`;
    this.part.when.textContent = words;
    curve.setAttribute("aria-valuenow", this.offset.toFixed(2));
    curve.setAttribute("aria-valuemin", this.from.toFixed(2));
    curve.setAttribute("aria-valuemax", this.to.toFixed(2));
    curve.setAttribute("aria-valuetext", words);
  }
}

function rule(brush, from, to, colour, dash) {
  brush.strokeStyle = colour;
  brush.lineWidth = 1;
  brush.setLineDash(dash);
  brush.beginPath();
  brush.moveTo(...from);
  brush.lineTo(...to);
  brush.stroke();
  brush.setLineDash([]);
}
