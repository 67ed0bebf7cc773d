// What is on the screen: one of five views, and everything that changes in them.

import { Bowl } from "./bowl.js";
import { CourseView } from "./course.js";
import { keepFitting } from "./draw.js";

/** @typedef {"door" | "wait" | "trouble" | "stage" | "end"} ViewName */

const VERDICT_SIGN = { good: "✓", improve: "↗", cannot_judge: "?" };
const CAMERA_TROUBLES = new Set(["denied", "none", "busy", "insecure", "unplugged", "unknown"]);
const NOT_BEGUN = new Set(["full", "model", "bad_token"]);
// A cue stays on the screen for so long, so that it can be read from afar.
const CUE_MS = 6_000;

/** The part of the page that this component owns. */
export class View {
  /**
   * @param {ShadowRoot | HTMLElement} root
   * @param {Record<string, string>} texts Every text by its key.
   */
  constructor(root, texts) {
    this.root = root;
    this.live = /** @type {HTMLElement} */ (root.querySelector(".live"));
    this.bowl = new Bowl(this.part("bowl"));
    this.course = new CourseView(this);
    keepFitting(this.canvas);
    this.cueUntil = 0;
    /** @type {HTMLElement[]} What lies behind a view that fills the window. */
    this.behind = [];
    /** @type {Record<string, string>} */
    this.texts = {};
    this.translate(texts);
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return /** @type {HTMLElement} */ (this.root.querySelector(`[data-part="${name}"]`));
  }

  /** @returns {HTMLCanvasElement} */
  get canvas() {
    return /** @type {HTMLCanvasElement} */ (this.part("picture"));
  }

  /** @returns {HTMLVideoElement} */
  get video() {
    return /** @type {HTMLVideoElement} */ (this.part("video"));
  }

  /** @param {Record<string, string>} texts */
  translate(texts) {
    this.texts = texts;
    for (const element of this.root.querySelectorAll("[data-text]")) {
      element.textContent = this.say(element.getAttribute("data-text") ?? "");
    }
    for (const element of this.root.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", this.say(element.getAttribute("data-label") ?? ""));
    }
    this.part("exercise").textContent = this.say("exercise");
    const address = new URL(window.location.href);
    address.searchParams.set("view", "history");
    for (const link of this.root.querySelectorAll("a")) link.href = address.search;
  }

  /** @param {string} key @returns {string} */
  say(key) {
    return this.texts?.[key] ?? "";
  }

  /** Suit the page. @param {{dark: boolean, sample: string}} wish */
  suit({ dark, sample }) {
    this.live.classList.toggle("dark", dark);
    for (const button of this.root.querySelectorAll(".sample")) {
      /** @type {HTMLElement} */ (button).hidden = !sample;
    }
  }

  /** Suit the exercise. @param {string} gauge @param {boolean} led Whether the breath leads it. */
  measure(gauge, led) {
    this.gauge = gauge;
    this.led = led;
    this.part("countname").textContent = this.say(led ? "live.breaths" : "live.repetitions");
    this.part("bowl").hidden = gauge !== "tilt" && gauge !== "yaw";
    this.part("bowl").dataset.gauge = gauge;
    this.bowl.suit(gauge);
    this.part("lift").hidden = gauge !== "lift";
    const tone = /** @type {HTMLElement} */ (this.root.querySelector('[data-do="tone"]'));
    tone.hidden = gauge !== "tilt";
  }

  /** @param {ViewName} name */
  show(name) {
    this.live.dataset.view = name;
    document.documentElement.style.overflow = covers(name) ? "hidden" : "";
    this.shut(covers(name));
    if (covers(name)) this.part(name).focus({ preventScroll: true });
  }

  /** Keep keyboard and screen reader out of the page behind, or let them in again. @param {boolean} on */
  shut(on) {
    for (const element of this.behind) element.inert = false;
    this.behind = [];
    if (!on) return;
    let node = /** @type {Element} */ ("host" in this.root ? this.root.host : this.root);
    for (; node.parentElement && node !== document.body; node = node.parentElement) {
      for (const other of node.parentElement.children) {
        if (other === node || !(other instanceof HTMLElement) || other.inert) continue;
        other.inert = true;
        this.behind.push(other);
      }
    }
  }

  /** @param {string} key */
  wait(key) {
    this.part("waiting").textContent = this.say(key);
    this.show("wait");
  }

  /** @param {string} kind */
  trouble(kind) {
    const words = this.say(`live.trouble.${kind}`) || this.say("live.trouble.unknown");
    this.part("trouble").textContent = words;
    const heading = CAMERA_TROUBLES.has(kind) ? "heading" : NOT_BEGUN.has(kind) ? "not_begun" : "stopped";
    this.part("troublehead").textContent = this.say(`live.trouble.${heading}`);
    this.part("kept").hidden = kind !== "restarted";
    this.live.dataset.trouble = kind;
    this.show("trouble");
  }

  /** @param {MediaDeviceInfo[]} cameras @param {string} chosen */
  offer(cameras, chosen) {
    const select = /** @type {HTMLSelectElement} */ (this.part("cameras"));
    select.replaceChildren(
      ...cameras.map((camera, i) => {
        const label = camera.label || `${this.say("live.door.camera_number")} ${i + 1}`;
        return new Option(label, camera.deviceId, false, camera.deviceId === chosen);
      }),
    );
    this.part("which").hidden = cameras.length < 2;
  }

  /** @param {string} action @param {boolean} on */
  press(action, on) {
    this.root.querySelector(`[data-do="${action}"]`)?.setAttribute("aria-pressed", String(on));
  }

  /** @param {boolean} mirrored */
  mirror(mirrored) {
    this.canvas.classList.toggle("mirrored", mirrored);
    this.press("mirror", mirrored);
  }

  /** Suit what the visitor likes. @param {import("./wishes.js").Wishes} wishes */
  like(wishes) {
    this.live.classList.toggle("large", wishes.large);
    this.live.classList.toggle("swapped", wishes.swapped);
    this.press("large", wishes.large);
    this.press("swap", wishes.swapped);
    this.press("tone", wishes.tone);
    this.press("hum", wishes.breath);
    /** @type {HTMLInputElement} */ (this.part("volume")).value = String(wishes.volume);
    /** @type {HTMLSelectElement} */ (this.part("delay")).value = String(wishes.delay);
  }

  /** @param {number} seconds Until it begins; 0 when it has begun. */
  countDown(seconds) {
    this.part("countdown").hidden = seconds === 0;
    this.write("countdown", String(seconds));
    if (seconds) this.write("words", this.say("live.guide.countdown"));
  }

  /** @param {string} words Which pose model and picture size are used. */
  chosen(words) {
    this.write("chosen", words);
  }

  /** A fresh practice. */
  clear() {
    /** @type {HTMLDetailsElement} */ (this.part("more")).open = false;
    this.countDown(0);
    this.cueUntil = 0;
    this.part("reps").textContent = "0";
    this.part("kinds").textContent = "";
    this.part("spoken").textContent = "";
    this.write("words", "");
    this.moment({ stage: "place", stance: null, tilt: null, held: 0, reps: 0, kinds: {} }, false);
  }

  /** @param {string} name @param {string} words Only touched when it changes: screen readers listen. */
  write(name, words) {
    const element = this.part(name);
    if (element.textContent !== words) element.textContent = words;
  }

  /**
   * @param {Record<string, any>} moment What a picture came to.
   * @param {boolean} mirrored
   */
  moment(moment, mirrored) {
    const stage = this.part("stage");
    const reaches = moment.stage === "range" && Boolean(moment.stance);
    const practice = moment.stage === "practice" || reaches;
    stage.dataset.stage = moment.stage;
    stage.dataset.stance = moment.stance ?? "none";
    this.headline(this.words(moment, practice));
    this.write("tilt", this.figure(moment));
    this.showGauge(moment, mirrored ? -1 : 1);
    const hold = Math.floor(moment.hold ?? 0);
    this.part("hold").style.visibility = hold < 1 ? "hidden" : "visible";
    this.write("holding", `${hold} s`);
    this.write("reps", String(moment.reps));
    this.write("kinds", this.kinds(moment.kinds));
    this.part("still").hidden = !moment.held;
    this.course.show(moment.course);
    this.part("ring").style.strokeDashoffset = String(100 - 100 * (moment.held ?? 0));
    if (moment.stage === "paused") this.cueUntil = 0;
    if (performance.now() > this.cueUntil) this.write("words", this.guidance(moment, practice));
  }

  /** @param {Record<string, any>} moment @returns {string} The number of the exercise's movement. */
  figure(moment) {
    if (this.gauge === "yaw") return moment.yaw == null ? "" : `${Math.abs(Math.round(moment.yaw))}°`;
    if (this.gauge === "lift") return moment.lift == null ? "" : `${Math.max(0, Math.min(100, Math.round(100 * moment.lift)))} %`;
    if (moment.tilt == null) return "";
    const all = moment.percent >= 100 ? this.say("guide.percent_all") : percent(this.say("guide.percent_of_own"), moment.percent);
    const own = moment.percent == null ? "" : `\n${all}`;
    return degrees(moment.tilt, moment.sd) + own;
  }

  /** @param {Record<string, any>} moment @param {number} flip -1 in the mirror. */
  showGauge(moment, flip) {
    const { tilt = null, stance, ahead = 1, reach = null, yaw = null, lift, breath } = moment;
    this.live.classList.toggle("paced", Boolean(breath));
    if (this.gauge === "yaw") this.bowl.show(yaw, null, flip, null);
    else if (this.gauge === "tilt") this.bowl.show(tilt, stance, ahead * flip, reach);
    const part = Math.max(0, Math.min(1.2, lift ?? 0));
    this.part("lifted").style.height = `${(100 * part) / 1.2}%`;
  }

  /** Large, but no word broken. @param {string} words */
  headline(words) {
    const letters = Math.max(8, ...words.split(/[\s-]/).map((word) => word.length));
    this.part("stance").style.setProperty("--letters", String(letters));
    this.write("stance", words);
  }

  /** @param {Record<string, any>} moment @param {boolean} practice */
  words(moment, practice) {
    if (!practice) return this.say(`live.stage.${moment.stage}`);
    if (moment.stance && !this.led) return this.say(`stance.${moment.stance}`);
    if (moment.reason) return this.say("overlay.no_reading");
    return this.say(`phase.${moment.phase}`);
  }

  /** @param {Record<string, any>} moment @param {boolean} practice */
  guidance(moment, practice) {
    if (moment.stage === "paused") return this.say("programme.paused");
    if (moment.hint) return this.say(moment.hint);
    if (practice && moment.reason) return this.say(`reason.${moment.reason}`);
    if (moment.asked) return this.say(moment.asked);
    if (moment.breath) return this.say(`breath.${moment.breath.kind}`);
    return practice && !moment.reps ? this.say("about.short") : "";
  }

  /** @param {Record<string, number>} kinds @returns {string} How many of each, where there are several. */
  kinds(kinds) {
    const each = Object.entries(kinds);
    if (each.length < 2) return "";
    return each
      .map(([kind, count]) => `${this.say(`page.kind.${kind}`)} ${count}`)
      .join(" · ");
  }

  /** @param {string} words @param {number} [ms] How long it stays. */
  cue(words, ms = CUE_MS) {
    this.cueUntil = performance.now() + ms;
    this.write("words", words);
    this.write("spoken", words);
  }

  /** @param {string} key A state that lasts until the next moment. */
  notice(key) {
    this.cueUntil = 0;
    this.write("words", this.say(key));
    this.write("spoken", this.say(key));
  }

  /** @param {Record<string, any>} summary */
  end(summary) {
    const said = summary.said.map((/** @type {string} */ words) => element("p", "said", words));
    this.part("said").replaceChildren(...said);
    this.part("tiles").replaceChildren(
      ...summary.tiles.map((/** @type {Record<string, string>} */ tile) => {
        const box = element("div", "tile");
        box.append(element("dt", "", tile.label), element("dd", "value", tile.value));
        if (tile.note) box.append(element("dd", "note", tile.note));
        return box;
      }),
    );
    const parts = (summary.parts ?? []).flatMap((/** @type {Record<string, any>} */ part) => [
      element("h3", "", part.name),
      ...part.said.map((/** @type {string} */ words) => element("p", "of", words)),
    ]);
    this.part("partlist").replaceChildren(...parts);
    const { practised_s: seconds, parts: practised } = summary.numbers ?? {};
    this.part("endkept").hidden = !seconds && !practised?.length;
    this.part("repshead").hidden = summary.reps.length === 0;
    this.part("replist").replaceChildren(...(summary.reps.length ? [this.table(summary)] : []));
    this.part("lostblock").hidden = summary.losses.length === 0;
    this.part("losses").replaceChildren(
      ...summary.losses.map((/** @type {Record<string, string>} */ loss) => {
        const line = element("li", "", loss.words);
        line.append(element("span", "when", loss.seconds));
        return line;
      }),
    );
    this.show("end");
  }

  /** @param {Record<string, any>} summary */
  table({ reps, columns: headings }) {
    const table = element("table", "reps");
    const columns = Object.keys(headings);
    const head = table.appendChild(document.createElement("thead")).insertRow();
    for (const column of columns) {
      const cell = element("th", "", headings[column]);
      cell.setAttribute("scope", "col");
      head.append(cell);
    }
    const body = table.appendChild(document.createElement("tbody"));
    for (const rep of reps) {
      const row = body.insertRow();
      for (const name of columns.slice(0, -2)) row.insertCell().textContent = rep[name === "number" ? "index" : name];
      const verdict = element("span", `verdict ${rep.verdict}`);
      const sign = element("b", "", VERDICT_SIGN[/** @type {"good"} */ (rep.verdict)]);
      sign.setAttribute("aria-hidden", "true");
      verdict.append(sign, rep.verdict_words);
      row.insertCell().append(verdict);
      row.insertCell().textContent = rep.remarks.join(" ");
    }
    return table;
  }
}

/** @param {ViewName} name @returns {boolean} Whether the view fills the window. */
function covers(name) {
  return name === "stage" || name === "end";
}

/** @param {string} tag @param {string} style @param {string} [words] */
function element(tag, style, words) {
  const made = document.createElement(tag);
  if (style) made.className = style;
  if (words !== undefined) made.textContent = words;
  return made;
}

/** @param {string} words @param {number} value @returns {string} For example "80 % of your own range". */
function percent(words, value) {
  return words.replace("{percent}", String(Math.round(value)));
}

/** @param {number} tilt @param {number | null} sd @returns {string} For example "+9° ± 3°". */
function degrees(tilt, sd) {
  const whole = Math.round(tilt);
  const sign = whole > 0 ? "+" : whole < 0 ? "−" : "";
  const number = `${sign}${Math.abs(whole)}°`;
  return sd == null ? number : `${number} ± ${Math.max(1, Math.ceil(sd))}°`;
}
