// Live practice in the browser: camera, connection, drawing and voice, put together.

import { CameraTrouble, Pictures, Source, cameras, remember, remembered, sizeOf } from "./camera.js";
import { draw } from "./draw.js";
import { Link } from "./link.js";
import { Pacer } from "./pacer.js";
import { Voice } from "./sound.js";
import { View } from "./view.js";
import { keep, wishes } from "./wishes.js";

const PASS_MS = 20_000;
const ASK_MS = 4_000;
const SETTLE_MS = 300;
const KEYS = {
  m: "mute", v: "mirror", n: "calibrate", t: "tone", f: "fullscreen", q: "stop",
  l: "large", s: "swap", o: "more", b: "hum", p: "pause", r: "repeat", k: "skip",
};
// Smaller pictures for a computer that needs the quicker model.
const LONGEST_SIDE = { full: 640, lite: 480 };

/** @type {WeakMap<object, Live>} One for each place in the page. */
const places = new WeakMap();
/**
 * A practice whose place in the page went away, because the program was started anew.
 * @type {{sample: boolean, trouble: string} | null}
 */
let lost = null;

/**
 * Streamlit calls this when the component appears and whenever its data changes.
 * @param {any} component
 * @returns {() => void} What to do when it is gone.
 */
export function mount(component) {
  const place = component.parentElement;
  let live = places.get(place);
  if (live) {
    live.update(component);
  } else {
    live = new Live(component);
    places.set(place, live);
  }
  const mounted = live;
  return () => {
    // It is also called for a run that was overtaken, while the component is still there.
    setTimeout(() => {
      if ((place.host ?? place).isConnected) return;
      const { view, trouble = "" } = mounted.view.live.dataset;
      if (mounted.link) lost = { sample: mounted.wasSample, trouble: mounted.told("bad_token") };
      else if (view === "trouble") lost = { sample: mounted.wasSample, trouble };
      mounted.close();
      places.delete(place);
    });
  };
}

/** One visitor's live practice. */
class Live {
  /** @param {any} component */
  constructor(component) {
    this.component = component;
    this.view = new View(component.parentElement, component.data.texts);
    this.source = new Source(this.view.video);
    this.pictures = new Pictures();
    this.voice = new Voice(component.data.lang);
    this.pacer = new Pacer(this.view.part("pacer"), this.voice, (key) => this.view.say(key));
    this.exercise = "";
    this.wishes = wishes();
    this.mirrored = true;
    this.wasSample = false;
    /** Whether anything was counted, and what is done with the video. */
    this.practised = false;
    this.film = "";
    this.model = "full";
    /** With which a practice that nobody was at goes on, once it is asked for. */
    this.keptPass = "";
    /** When a countdown ends. */
    this.beginsAt = 0;
    /** @type {Link | null} */
    this.link = null;
    this.usedPass = component.data.pass;
    /** @type {((pass: string) => void) | null} */
    this.passCame = null;
    this.shown = { frames: 0, ageMs: 0 };
    this.off = new AbortController();
    this.listen();
    this.view.suit(component.data);
    this.turnTo(component.data.first);
    this.like({});
    this.view.show("door");
    void this.offerCameras();
    // Its end may come a moment later than this beginning.
    setTimeout(() => this.takeOver(), SETTLE_MS);
  }

  /** Say what became of a practice that was lost, and offer the same again. */
  takeOver() {
    if (!lost || this.link) return;
    this.wasSample = lost.sample;
    this.view.trouble(lost.trouble);
    lost = null;
  }

  /** @param {any} component */
  update(component) {
    const { pass, lang, first, exercises } = component.data;
    this.component = component;
    this.view.suit(component.data);
    this.turnTo(this.link && this.exercise in exercises ? this.exercise : first);
    this.voice.lang = lang;
    if (pass && pass !== this.usedPass && this.passCame) {
      this.usedPass = pass;
      this.passCame(pass);
      this.passCame = null;
    }
  }

  /** Whether more than one exercise is going to be practised. */
  get isCourse() {
    return Object.keys(this.component.data.exercises).length > 1;
  }

  /** Take an exercise's texts and gauge. @param {string} exercise */
  turnTo(exercise) {
    const { texts, exercises } = this.component.data;
    this.exercise = exercise;
    this.view.translate({ ...texts, ...exercises[exercise].texts });
    this.view.measure(exercises[exercise].gauge, exercises[exercise].led);
  }

  listen() {
    const signal = this.off.signal;
    this.view.live.addEventListener(
      "click",
      (event) => {
        const button = /** @type {Element} */ (event.target).closest("[data-do]");
        if (button) this.act(button.getAttribute("data-do") ?? "");
      },
      { signal },
    );
    // Before Streamlit sees them: its own shortcuts have no place in a practice.
    window.addEventListener(
      "keydown",
      (event) => {
        if (this.view.live.dataset.view !== "stage") return;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        event.stopPropagation();
        const action = KEYS[/** @type {"m"} */ (event.key.toLowerCase())];
        if (!action || event.repeat) return;
        event.preventDefault();
        this.act(action);
      },
      { signal, capture: true },
    );
    this.view.part("cameras").addEventListener(
      "change",
      (event) => remember(/** @type {HTMLSelectElement} */ (event.target).value),
      { signal },
    );
    this.view.part("delay").addEventListener(
      "change",
      (event) => this.like({ delay: Number(/** @type {HTMLSelectElement} */ (event.target).value) }),
      { signal },
    );
    this.view.part("volume").addEventListener(
      "input",
      (event) => this.like({ volume: Number(/** @type {HTMLInputElement} */ (event.target).value) }),
      { signal },
    );
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.offerCameras(), { signal });
    document.addEventListener("fullscreenchange", () => {
      this.view.press("fullscreen", Boolean(document.fullscreenElement));
    }, { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden || !this.link) return;
      this.view.notice("live.notice.back");
      void this.stayAwake();
    }, { signal });
    window.addEventListener("pagehide", () => this.link?.close(), { signal });
  }

  async offerCameras() {
    this.view.offer(await cameras(), remembered());
  }

  /** @param {string} action */
  act(action) {
    if (action === "camera" || action === "sample") void this.begin(action === "sample");
    else if (action === "again") void this.begin(this.wasSample, this.keptPass);
    else if (action === "back") this.leave("door");
    else if (action === "stop") this.stop();
    else if (action === "calibrate") this.link?.ask("calibrate");
    else if (action === "skip" || action === "repeat" || action === "pause") {
      this.voice.hush();
      const resume = action === "pause" && this.view.course.paused;
      this.link?.ask(resume ? "resume" : action);
    }
    else if (action === "hum") this.like({ breath: !this.wishes.breath });
    else if (action === "mirror") this.setMirror(!this.mirrored);
    else if (action === "fullscreen") this.toggleFullscreen();
    else if (action === "tone") this.like({ tone: !this.wishes.tone });
    else if (action === "large") this.like({ large: !this.wishes.large });
    else if (action === "swap") this.like({ swapped: !this.wishes.swapped });
    else if (action === "more") {
      const more = /** @type {HTMLDetailsElement} */ (this.view.part("more"));
      more.open = !more.open;
    }
    else if (action === "mute") {
      this.voice.setMute(!this.voice.mute);
      this.view.press("mute", this.voice.mute);
    }
  }

  /** The visitor likes something else. @param {Partial<import("./wishes.js").Wishes>} change */
  like(change) {
    this.wishes = { ...this.wishes, ...change };
    keep(this.wishes);
    this.voice.toneOn = this.wishes.tone;
    this.voice.breathOn = this.wishes.breath;
    this.voice.volume = this.wishes.volume / 100;
    this.view.like(this.wishes);
  }

  /**
   * @param {boolean} sample Whether our own video plays in the camera's place.
   * @param {string} [kept] The pass of a practice that goes on; without one another begins.
   */
  async begin(sample, kept = "") {
    this.leave("door");
    this.wasSample = sample;
    this.voice.wake();
    this.practised = false;
    this.model = "full";
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      this.view.wait(sample ? "live.wait.sample" : "live.wait.camera");
      this.source.stopped = (kind) => this.sourceStopped(kind);
      if (sample) await this.source.openSample(this.component.data.sample);
      else await this.source.openCamera();
      if (turn !== this.turn) return;
      this.view.wait("live.wait.server");
      const pass = kept || (await this.newPass());
      if (turn !== this.turn) return;
      this.setMirror(!sample);
      this.view.clear();
      this.goesOn = Boolean(kept);
      this.connect(pass);
    } catch (error) {
      if (turn !== this.turn) return;
      this.leave("door");
      this.keptPass = kept;
      this.view.trouble(error instanceof CameraTrouble ? error.kind : "unknown");
    }
    void this.offerCameras();
  }

  /** @returns {Promise<string>} A fresh pass from the page's own session. */
  newPass() {
    return new Promise((resolve, reject) => {
      const ask = () => this.component.setTriggerValue("wanted", String(performance.now()));
      // A busy server may overlook the first time of asking.
      const asking = setInterval(ask, ASK_MS);
      const late = setTimeout(() => {
        clearInterval(asking);
        reject(new CameraTrouble("gone"));
      }, PASS_MS);
      this.passCame = (pass) => {
        clearInterval(asking);
        clearTimeout(late);
        resolve(pass);
      };
      ask();
    });
  }

  /** @param {string} pass */
  connect(pass) {
    const address = new URL(this.component.data.socket, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const film = /** @type {HTMLInputElement} */ (this.view.part("film")).checked;
    let begun = false;
    let cut = false;
    this.link = new Link(address, pass, {
      ready: () => {
        if (begun) {
          cut = false;
          this.tell("live.notice.restored");
          return;
        }
        begun = true;
        this.view.show("stage");
        void this.stayAwake();
        if (!this.source.isSample) this.countDown(this.wishes.delay);
        // Time to walk is time to hear how to stand; a routine explains it by itself.
        if (this.goesOn) this.tell("live.notice.restored");
        else if (this.beginsAt && !this.isCourse) this.voice.say(this.view.say("about.start"), 1);
        this.source.watch((takenMs, shot) => this.see(takenMs, shot));
        // A sample waits at its beginning until its first picture has been seen.
        if (this.source.isSample) this.see(this.source.sampleMs(0), this.source.video);
      },
      moment: (moment) => this.moment(moment),
      summary: (summary) => {
        this.close();
        this.voice.say(summary.said[0], 0);
        this.view.end(summary);
      },
      cut: () => {
        if (!cut) this.tell("live.notice.cut");
        cut = true;
      },
      refused: (reason) => {
        const { practised, link } = this;
        this.leave("door");
        if (reason === "idle" && link) this.keptPass = link.pass;
        this.view.trouble(this.told(reason));
        if (practised && !document.hidden) this.voice.say(this.view.say(`live.trouble.${this.told(reason)}`), 0);
      },
    }, film);
  }

  /** A new picture came from the camera. @param {number} takenMs @param {import("./camera.js").Shot} shot */
  see(takenMs, shot) {
    const { link, source } = this;
    const [width, height] = sizeOf(shot);
    if (!link?.free || !width || source.seeks) return;
    if (this.beginsAt) {
      draw(this.view.canvas, shot, width, height, null, this.mirrored);
      return;
    }
    const sequence = link.reserve();
    try {
      link.send(sequence, takenMs, this.pictures.take(shot, sequence));
    } catch (error) {
      // A source that has just been closed has no picture any more.
      if (!(error instanceof DOMException)) throw error;
    }
  }

  /** Give time to walk to one's place. @param {number} seconds */
  countDown(seconds) {
    clearInterval(this.ticking);
    this.beginsAt = seconds ? performance.now() + 1000 * seconds : 0;
    if (!seconds) return;
    let shown = -1;
    const tick = () => {
      const left = Math.max(0, Math.ceil((this.beginsAt - performance.now()) / 1000));
      if (left === shown) return;
      shown = left;
      this.view.countDown(left);
      this.voice.countDown(left);
      if (left === 0) this.countDown(0);
    };
    this.ticking = setInterval(tick, 100);
    tick();
  }

  /** @param {string} reason @returns {string} Which trouble that is for whoever was practising. */
  told(reason) {
    return reason === "bad_token" && this.practised ? "restarted" : reason;
  }

  /** Show whether the video is being kept. @param {string} film */
  showFilm(film) {
    this.view.part("filming").hidden = film !== "on";
    if (film === "ended" && this.film === "on") {
      this.view.cue(this.view.say("live.notice.film_ended"));
    }
    this.film = film;
  }

  /** Show among the options which model was chosen for this computer, and suit it. @param {string} model */
  suit(model) {
    if (model !== this.model) {
      this.model = model;
      // Another model takes a neutral of its own, for which a sample stands still once only.
      if (this.source.isSample) this.source.rewind();
    }
    this.pictures.longestSide = LONGEST_SIDE[/** @type {"full"} */ (model)] ?? LONGEST_SIDE.full;
    this.view.chosen(`${this.view.say(`live.model.${model}`)}, ${this.pictures.size}`);
  }

  /** @param {Record<string, any>} moment */
  moment(moment) {
    if (!moment.stage) return;
    this.practised ||= moment.stage === "practice";
    this.suit(moment.model);
    this.showFilm(moment.film ?? "");
    this.source.pace(moment.ms);
    if (this.source.waits) void this.source.play();
    const picture = this.pictures.find(moment.seq);
    if (picture) draw(this.view.canvas, picture, picture.width, picture.height, moment, this.mirrored);
    const { course } = moment;
    if (course && course.exercise !== this.exercise) this.turnTo(course.exercise);
    this.view.moment(moment, this.mirrored);
    this.pacer.follow(moment.breath);
    if (course?.say) {
      // While it is explained the card says it; the rest's words stay until it is over.
      this.view.cue(course.say, course.stage === "explain" ? 0 : Infinity);
      this.voice.say(course.say, 1);
    }
    this.voice.follow(moment.tilt, moment.ahead * (this.mirrored ? -1 : 1));
    this.shown.frames += 1;
    if (moment.rep) this.voice.count(moment.reps, Boolean(moment.cue));
    if (moment.cue) {
      this.view.cue(moment.cue.text);
      if (moment.cue.say) this.voice.say(moment.cue.say, moment.cue.weight);
    }
  }

  /** Say to eye and ear what happened to the connection; not while another page is looked at. @param {string} key */
  tell(key) {
    this.view.cue(this.view.say(key));
    if (!document.hidden) this.voice.say(this.view.say(key), 0);
  }

  /** @param {string} kind */
  sourceStopped(kind) {
    if (kind === "ended") {
      this.stop();
      return;
    }
    this.view.notice(`live.trouble.${kind}`);
    this.voice.say(this.view.say(`live.trouble.${kind}`), 0);
    this.leave("door");
    this.view.trouble(kind);
  }

  /** End the practice and see what it came to. */
  stop() {
    if (this.link?.open) this.link.ask("stop");
    else this.leave("door");
  }

  /** @param {boolean} mirrored */
  setMirror(mirrored) {
    this.mirrored = mirrored;
    this.view.mirror(mirrored);
  }

  /** Nobody touches the keyboard while practising; the screen must not go dark. */
  async stayAwake() {
    try {
      this.awake = await navigator.wakeLock?.request("screen");
    } catch {
      this.awake = undefined;
    }
  }

  toggleFullscreen() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen?.();
  }

  /** Close everything that runs, and show a view. @param {"door"} view */
  leave(view) {
    this.keptPass = "";
    this.turn = (this.turn ?? 0) + 1;
    this.close();
    this.view.show(view);
  }

  close() {
    this.countDown(0);
    this.link?.close();
    this.link = null;
    this.voice.follow(null, 1);
    this.pacer.follow(undefined);
    void this.awake?.release();
    this.awake = undefined;
    this.source.close();
    if (document.fullscreenElement) void document.exitFullscreen();
    if (!this.view.live.isConnected) {
      document.documentElement.style.overflow = "";
      this.view.shut(false);
      this.off.abort();
      this.voice.close();
      this.pictures.close();
    }
  }
}
