// The player: the video and the curve move together, and stretches of the curve can be put right.

import { Curve, clock, lostAt, verdictColour } from "./curve.js";
import { Film } from "./film.js";
import { parts, say, suit } from "./parts.js";
import { Body, Signal } from "./track.js";

const SPEEDS = { slowest: 0.25, slow: 0.5, usual: 1 };
const KEYS = {
  " ": "play", k: "play", arrowleft: "back", arrowright: "on", ",": "back", ".": "on",
  "[": "before", "]": "after", l: "loop", o: "drawn", "+": "in", "=": "in", "-": "out",
  1: "slowest", 2: "slow", 3: "usual", s: "mark", home: "first", end: "last",
};
const LEAST_NEUTRAL_S = 0.3;

/** @type {WeakMap<object, Player>} One for each place in the page. */
const places = new WeakMap();

/**
 * @param {any} component What Streamlit gives. @param {Function} draw
 * @returns {() => void} What to do when it is gone.
 */
export function mount(component, draw) {
  const place = component.parentElement;
  const player = places.get(place) ?? new Player(component, draw);
  places.set(place, player);
  void player.update(component);
  return () => {
    // It is also called for a run that was overtaken, while the component is still there.
    setTimeout(() => {
      if ((place.host ?? place).isConnected) return;
      player.off.abort();
      places.delete(place);
    });
  };
}

class Player {
  /** @param {any} component @param {Function} draw */
  constructor(component, draw) {
    this.root = component.parentElement;
    this.part = parts(this.root);
    this.off = new AbortController();
    const { signal } = this.off;
    this.film = new Film(this.part.video, this.part.picture, draw, (i) => this.moved(i), signal);
    this.curve = new Curve(this.part.curve, this.part.overview);
    /** @type {any} The repetition that was chosen last. */
    this.rep = null;
    this.looping = false;
    this.marking = false;
    /** @type {[number, number] | null} */
    this.stretch = null;
    this.loaded = {};
    /** @type {Map<string, Promise<any>>} */
    this.asked = new Map();
    this.listen(signal);
  }

  /** @param {any} component */
  async update(component) {
    const { data } = component;
    this.component = component;
    this.data = data;
    suit(this.root, data);
    this.sized();
    const turn = (this.turn = (this.turn ?? 0) + 1);
    if (this.loaded.film !== data.film) {
      this.loaded.film = data.film;
      if (data.film) this.part.video.src = data.film;
    }
    this.part.screen.hidden = !data.film;
    this.part.none.hidden = Boolean(data.film);
    const track = await this.fetched(data.curve, Signal);
    if (turn !== this.turn) return; // a newer one overtook this
    this.track = track;
    this.story = data.story;
    this.rep = this.story.reps.find((rep) => this.rep && Math.abs(rep.peak - this.rep.peak) < 0.1) ?? null;
    const bodyIsHere = this.loaded.body === data.body;
    this.film.suit(track, bodyIsHere ? this.film.body : null);
    this.loop();
    this.select(null);
    this.curve.suit(track, this.story, data.palette);
    this.blocks();
    this.place();
    this.moved(this.film.frame);
    this.part.player.dataset.ready = data.curve;
    if (!bodyIsHere) {
      // Asked for only now: what the server has to do for it would hold up the curve.
      const body = await this.fetched(data.body, Body);
      if (turn !== this.turn) return;
      this.film.suit(track, body);
      this.loaded.body = data.body;
    }
    this.part.player.dataset.body = data.body;
    for (const address of this.asked.keys()) {
      if (address !== data.curve && address !== data.body) this.asked.delete(address);
    }
  }

  /** What lies at an address, asked for once however often the page is drawn meanwhile. */
  fetched(address, kind) {
    if (!this.asked.has(address)) {
      const answer = kind.load(address);
      answer.catch(() => this.asked.delete(address));
      this.asked.set(address, answer);
    }
    return this.asked.get(address);
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const { part } = this;
    part.player.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.do) this.act(button.dataset.do);
      if (button.dataset.say) this.tell(button.dataset.say, this.stretch);
      if (button.dataset.rep) this.choose(this.story.reps[Number(button.dataset.rep)]);
    }, { signal });
    part.player.addEventListener("keydown", (event) => this.key(event), { signal });
    part.picture.addEventListener("click", () => this.act("play"), { signal });
    for (const name of ["play", "pause", "ended"]) {
      part.video.addEventListener(name, () => this.pressed(), { signal });
    }
    // Times elsewhere on the page take the video there.
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-seek]");
      if (button && this.track) this.film.go(this.track.nearest(Number(button.dataset.seek)));
    }, { signal });
    this.drag(part.curve, signal, {
      start: (x) => {
        part.curve.focus({ preventScroll: true });
        if (this.marking) this.anchor = this.curve.time(x);
        else this.film.go(this.track.nearest(this.curve.time(x)));
      },
      move: (x) => {
        if (this.marking) this.select([this.anchor, this.curve.time(x)].sort((a, b) => a - b));
        else this.film.go(this.track.nearest(this.curve.time(x)));
      },
    });
    this.drag(part.overview, signal, {
      start: (x) => this.pan(this.curve.overviewTime(x) - (this.curve.to - this.curve.from) / 2),
      move: (x) => this.pan(this.curve.overviewTime(x) - (this.curve.to - this.curve.from) / 2),
    });
    for (const handle of part.neutral.querySelectorAll(".handle")) this.handle(handle, signal);
    part.plot.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    part.curve.addEventListener("pointermove", (event) => {
      if (!event.buttons) this.hint(event.offsetX, event.offsetY);
    }, { signal });
    part.curve.addEventListener("pointerleave", () => { part.tip.hidden = true; }, { signal });
    new ResizeObserver(() => this.sized()).observe(part.plot);
  }

  /** Follow a pointer from where it went down. */
  drag(element, signal, { start, move, end = () => {} }) {
    const x = (event) => event.clientX - this.part.curve.getBoundingClientRect().left;
    element.addEventListener("pointerdown", (event) => {
      if (event.button || !this.track) return;
      element.setPointerCapture(event.pointerId);
      start(x(event));
      this.hint(event.offsetX, event.offsetY);
    }, { signal });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) move(x(event));
    }, { signal });
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, (event) => {
        if (!element.hasPointerCapture(event.pointerId)) return;
        element.releasePointerCapture(event.pointerId);
        end();
      }, { signal });
    }
  }

  /** One end of the neutral, to be drawn along the curve. */
  handle(handle, signal) {
    const edge = Number(handle.dataset.edge);
    const set = (/** @type {number} */ time) => {
      const [from, to] = this.window;
      const far = this.curve.end;
      if (edge) this.window = [from, Math.min(far, Math.max(time, from + LEAST_NEUTRAL_S))];
      else this.window = [Math.max(0, Math.min(time, to - LEAST_NEUTRAL_S)), to];
      this.place();
    };
    this.drag(handle, signal, {
      start: () => {},
      move: (x) => set(this.curve.time(x)),
      end: () => this.tell("neutral", this.window),
    });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key];
      if (step) set(this.window[edge] + step);
      else if (event.key === "Enter") this.tell("neutral", this.window);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }, { signal });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.track) return;
    const button = event.target.closest("button, summary");
    if (button && [" ", "Enter"].includes(event.key)) return;
    if (event.shiftKey && event.key.startsWith("Arrow")) {
      const time = this.track.time[this.film.frame] + (event.key === "ArrowLeft" ? -1 : 1);
      this.film.go(this.track.nearest(time));
    } else {
      const action = KEYS[event.key.toLowerCase()];
      if (!action) return;
      this.act(action);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} action */
  act(action) {
    if (!this.track) return;
    const { film } = this;
    if (action === "play") void film.toggle();
    else if (action === "back") film.step(-1);
    else if (action === "on") film.step(1);
    else if (action === "first") film.go(0);
    else if (action === "last") film.go(this.track.count - 1);
    else if (action === "before" || action === "after") this.beside(action === "after");
    else if (action in SPEEDS) this.part.video.playbackRate = SPEEDS[action];
    else if (action === "loop") { this.looping = !this.looping; this.loop(); }
    else if (action === "drawn") { film.drawn = !film.drawn; film.paint(); }
    else if (action === "in" || action === "out") {
      this.curve.zoom(action === "in" ? 2 : 0.5, this.track.time[film.frame]);
      this.place();
    } else if (action === "mark" && this.story.correctable) {
      this.marking = !this.marking;
      if (!this.marking) this.select(null);
      else this.announce(this.say("player.mark_how"));
    }
    this.pressed();
  }

  pressed() {
    const on = {
      loop: this.looping, drawn: this.film.drawn, mark: this.marking,
      ...Object.fromEntries(Object.entries(SPEEDS).map(([name, speed]) => [name, this.part.video.playbackRate === speed])),
    };
    for (const [name, pressed] of Object.entries(on)) {
      this.part.player.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", String(pressed));
    }
    const play = this.part.player.querySelector('[data-do="play"]');
    play.classList.toggle("playing", this.film.playing);
    play.setAttribute("aria-label", this.say(this.film.playing ? "player.pause" : "player.play"));
    this.part.player.classList.toggle("marking", this.marking);
  }

  /** @param {any} rep */
  choose(rep) {
    if (!rep) return;
    this.rep = rep;
    this.loop();
    this.film.go(this.track.nearest(rep.start));
    this.announce(`${rep.words} ${rep.more}`);
    this.place();
  }

  /** @param {boolean} after */
  beside(after) {
    const time = this.track.time[this.film.frame];
    const { reps } = this.story;
    this.choose(after ? reps.find((rep) => rep.start > time + 0.05) : reps.findLast((rep) => rep.start < time - 0.3));
  }

  loop() {
    const { reps } = this.story ?? { reps: [] };
    const time = this.track?.time[this.film.frame] ?? 0;
    if (this.looping && !this.rep) this.rep = reps.find((rep) => rep.end > time) ?? reps.at(-1) ?? null;
    this.film.loop = this.looping && this.rep
      ? [this.track.nearest(this.rep.start), this.track.nearest(this.rep.end)] : null;
    this.place();
  }

  /** A frame is on the screen. @param {number} frame */
  moved(frame) {
    if (!this.story) return;
    const time = this.track.time[frame];
    if (this.film.playing && this.curve.follow(time)) this.place();
    this.head(time);
    const value = this.track.value[frame];
    const sd = this.track.sd[frame];
    const { unit, factor, stances, lost } = this.story;
    const stance = this.track.stance[frame];
    const away = Number.isNaN(value) ? lostAt(lost, time, 0) : null;
    // Of a share no more than the whole is told.
    const size = Math.min(Math.abs(value) * factor, factor === 1 ? Infinity : factor);
    const number = Number.isNaN(value) ? "" : `${Math.round(size) || 0}${unit}`;
    const doubt = number && !Number.isNaN(sd) ? ` ± ${Math.max(1, Math.ceil(sd * factor))}${unit}` : "";
    this.part.stance.textContent = number ? stances[stance] : this.say("player.no_reading");
    this.part.stance.dataset.stance = this.track.stanceAt(frame) ?? "";
    this.part.amount.textContent = number ? number + doubt : (away?.[2] ?? "");
    this.part.amount.classList.toggle("why", !number);
    this.part.when.textContent = clock(time, true);
    const curve = this.part.curve;
    curve.setAttribute("aria-valuemax", this.curve.end.toFixed(1));
    curve.setAttribute("aria-valuenow", time.toFixed(2));
    curve.setAttribute("aria-valuetext",
      [clock(time, true), this.part.stance.textContent, this.part.amount.textContent].join(", "));
  }

  /** @param {number} time */
  head(time) {
    const { playhead } = this.part;
    const x = this.curve.x(time);
    playhead.style.transform = `translateX(${x}px)`;
    playhead.hidden = time < this.curve.from - 1e-6 || time > this.curve.to + 1e-6;
    playhead.dataset.time = time.toFixed(4);
  }

  /** @param {number} from */
  pan(from) {
    this.curve.view(from, this.curve.to - this.curve.from);
    this.place();
  }

  wheel(event) {
    if (!this.track) return;
    if (event.ctrlKey) {
      this.curve.zoom(event.deltaY < 0 ? 1.25 : 0.8, this.curve.time(event.offsetX));
    } else if (this.curve.zoomed && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
      const seconds = (this.curve.to - this.curve.from) / this.curve.width;
      this.curve.view(this.curve.from + (event.deltaX || event.deltaY) * seconds, this.curve.to - this.curve.from);
    } else return;
    event.preventDefault();
    this.place();
  }

  sized() {
    if (!this.story) return;
    this.curve.draw();
    this.place();
    this.film.paint();
  }

  blocks() {
    const { blocks } = this.part;
    this.window = this.story.neutral;
    this.part.player.querySelector('[data-do="mark"]').hidden = !this.story.correctable;
    blocks.replaceChildren(...this.story.reps.map((rep, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.rep = String(i);
      button.dataset.verdict = rep.verdict;
      button.title = `${rep.words}\n${rep.more}`.trim();
      button.setAttribute("aria-label", `${rep.words} ${rep.more}`.trim());
      button.style.background = verdictColour(this.data.palette, rep.verdict);
      return button;
    }));
  }

  /** Put everything that lies over the curve where it belongs. */
  place() {
    if (!this.story) return;
    const { curve, part } = this;
    const [left, right] = [curve.x(curve.from), curve.x(curve.to)];
    const put = (element, from, to) => {
      const [a, b] = [Math.max(left, curve.x(from)), Math.min(right, curve.x(to))];
      if (element.hidden !== b <= a) element.hidden = b <= a;
      if (b <= a) return;
      element.style.left = `${a}px`;
      element.style.width = `${Math.max(2, b - a)}px`;
    };
    this.story.reps.forEach((rep, i) => {
      const button = part.blocks.children[i];
      if (!button) return;
      put(button, rep.start, rep.end);
      if (button.hidden) return;
      const width = curve.x(rep.end) - curve.x(rep.start);
      const words = width < 30 ? (width < 14 ? "" : rep.short.split(" ")[1]) : rep.short;
      if (button.textContent !== words) button.textContent = words;
      button.setAttribute("aria-pressed", String(rep === this.rep));
    });
    part.neutral.hidden = !this.window;
    if (this.window) {
      put(part.neutral, ...this.window);
      part.neutral.querySelectorAll(".handle").forEach((handle, edge) => {
        handle.setAttribute("aria-valuenow", this.window[edge].toFixed(1));
        handle.setAttribute("aria-valuemax", curve.end.toFixed(1));
      });
    }
    part.stretch.hidden = !this.stretch;
    if (this.stretch) put(part.stretch, ...this.stretch);
    if (this.track) this.head(this.track.time[this.film.frame]);
  }

  /** @param {[number, number] | null} stretch */
  select(stretch) {
    this.stretch = stretch && stretch[1] - stretch[0] > 0.05 ? stretch : null;
    this.part.marked.hidden = !this.stretch;
    if (this.stretch) this.part.span.textContent = this.stretch.map((time) => clock(time, true)).join(" – ");
    this.place();
  }

  /** Say to the page what a stretch is. @param {string} what @param {[number, number] | null} stretch */
  tell(what, stretch) {
    if (!stretch) return;
    this.marking = false;
    this.pressed();
    this.component.setTriggerValue("marked", { what, start_s: stretch[0], end_s: stretch[1] });
    this.announce(this.say("player.told"));
  }

  /** @param {number} x @param {number} y */
  hint(x, y) {
    if (!this.story) return;
    const words = this.curve.wordsAt(x, y);
    const { tip, plot } = this.part;
    tip.hidden = !words;
    tip.textContent = words;
    if (!words) return;
    tip.style.left = `${Math.max(0, Math.min(x - 20, plot.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${Math.max(0, y - tip.offsetHeight - 12)}px`;
  }

  /** @param {string} words For those who hear the page. */
  announce(words) {
    this.part.said.textContent = words;
  }

  /** @param {string} key */
  say(key) {
    return say(this.data, key);
  }
}
