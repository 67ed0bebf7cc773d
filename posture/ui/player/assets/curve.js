// The curve over time: zones, stretches without reading, uncertainty, line, stances and a ruler.
// It draws; who points at it and what that means is told in player.js.

/** @typedef {import("./track.js").Signal} Signal */

export const LEFT = 46;
export const RIGHT = 18;
const TOP = 34; // the repetitions stand here, as buttons
const MARKS = 16;
const RIBBON = 9;
const RULER = 24;
const SHORTEST_S = 2;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

/** @param {number} time @param {boolean} [fine] */
export function clock(time, fine) {
  const tenths = Math.round(time * 10);
  const whole = fine ? Math.floor(tenths / 10) : Math.round(time);
  const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  return fine ? `${text}.${tenths % 10}` : text;
}

export class Curve {
  /** @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} overview */
  constructor(canvas, overview) {
    [this.canvas, this.overview] = [canvas, overview];
    this.from = 0;
    this.to = 1;
    this.measure();
  }

  /** Ask the page for sizes once for each drawing: between changes, every question costs a layout. */
  measure() {
    this.width = Math.max(1, this.canvas.clientWidth - LEFT - RIGHT);
    this.height = this.canvas.clientHeight;
    this.family = getComputedStyle(this.canvas).fontFamily;
  }

  /** @param {Signal} track @param {any} story @param {any} palette */
  suit(track, story, palette) {
    const longer = story.end_s !== this.story?.end_s;
    Object.assign(this, { track, story, palette });
    this.end = Math.max(story.end_s, 0.1);
    if (longer) [this.from, this.to] = [0, this.end];
    this.draw();
  }

  get zoomed() {
    return this.to - this.from < this.end - 1e-6;
  }

  /** @param {number} time */
  x(time) {
    return LEFT + ((time - this.from) / (this.to - this.from)) * this.width;
  }

  /** @param {number} x */
  time(x) {
    const time = this.from + ((x - LEFT) / this.width) * (this.to - this.from);
    return Math.max(0, Math.min(this.end, time));
  }

  /** @param {number} value */
  y(value) {
    const [low, high] = this.story.reach;
    const [top, bottom] = this.plot;
    return bottom - ((value - low) / (high - low)) * (bottom - top);
  }

  /** Upper and lower end of the plot, pixels. @returns {[number, number]} */
  get plot() {
    return [TOP + MARKS, this.height - RULER - RIBBON];
  }

  /** Show a stretch of time. @param {number} from @param {number} length */
  view(from, length) {
    const span = Math.max(Math.min(SHORTEST_S, this.end), Math.min(this.end, length));
    this.from = Math.max(0, Math.min(this.end - span, from));
    this.to = this.from + span;
    this.draw();
  }

  /** @param {number} factor Above 1 shows less, in more detail. @param {number} about A time. */
  zoom(factor, about) {
    const share = (about - this.from) / (this.to - this.from);
    const length = (this.to - this.from) / factor;
    this.view(about - share * length, length);
  }

  /** Keep a time in sight: the curve moves on under it. @param {number} time @returns {boolean} */
  follow(time) {
    if (!this.zoomed) return false;
    const length = this.to - this.from;
    const [low, high] = [this.from + 0.1 * length, this.from + 0.5 * length];
    if (time >= low && time <= high) return false;
    const from = this.from;
    this.view(time < low ? time - 0.1 * length : time - 0.5 * length, length);
    return this.from !== from;
  }

  draw() {
    this.measure();
    if (!this.track) return;
    const brush = sized(this.canvas);
    if (!brush) return;
    const [top, bottom] = this.plot;
    this.ground(brush, top, bottom);
    brush.save();
    brush.beginPath();
    brush.rect(LEFT, 0, this.width, this.height);
    brush.clip();
    this.losses(brush, top, bottom);
    this.line(brush);
    this.ribbon(brush, bottom);
    this.faults(brush);
    this.names(brush);
    brush.restore();
    this.ruler(brush, bottom + RIBBON);
    this.survey();
  }

  /** @param {CanvasRenderingContext2D} brush @param {number} top @param {number} bottom */
  ground(brush, top, bottom) {
    const { zone, reach, unit, factor } = this.story;
    const { palette } = this;
    if (zone) {
      band(brush, this.y(zone), top, palette.forward, 0.1, this.width);
      band(brush, this.y(zone), this.y(-zone), palette.neutral, 0.06, this.width);
      band(brush, bottom, this.y(-zone), palette.backward, 0.1, this.width);
    }
    brush.textAlign = "right";
    brush.textBaseline = "middle";
    brush.font = font(this.family, 12);
    brush.lineWidth = 1;
    const step = stepFor((reach[1] - reach[0]) * factor, 6) / factor;
    for (let value = Math.ceil(reach[0] / step) * step; value <= reach[1] + 1e-9; value += step) {
      const y = Math.round(this.y(value)) + 0.5;
      const zero = Math.abs(value) < 1e-9;
      brush.strokeStyle = zero ? palette.neutral : palette.edge;
      brush.setLineDash(zero ? [4, 4] : []);
      brush.beginPath();
      brush.moveTo(LEFT, y);
      brush.lineTo(LEFT + this.width, y);
      brush.stroke();
      brush.fillStyle = palette.line;
      brush.fillText(`${Math.abs(Math.round(value * factor))}${unit}`, LEFT - 6, y);
    }
    brush.setLineDash([]);
  }

  /** Names of the stances, legible over the line. @param {CanvasRenderingContext2D} brush */
  names(brush) {
    const { palette, story } = this;
    if (!story.zone) return;
    const [top, bottom] = this.plot;
    brush.textAlign = "right"; // the person's neutral is marked at the other end
    brush.textBaseline = "middle";
    brush.font = font(this.family, 13, 650);
    brush.strokeStyle = palette.card;
    brush.lineWidth = 4;
    brush.lineJoin = "round";
    for (const [stance, y] of [[1, bottom - 12], [2, this.y(0) - 10], [3, top + 12]]) {
      const place = [story.stances[stance], LEFT + this.width - 8, y];
      brush.strokeText(...place);
      brush.fillStyle = [palette.backward, palette.neutral, palette.forward][stance - 1];
      brush.fillText(...place);
    }
  }

  /** @param {CanvasRenderingContext2D} brush @param {number} top @param {number} bottom */
  losses(brush, top, bottom) {
    brush.fillStyle = this.palette.lost;
    brush.globalAlpha = 0.3;
    brush.beginPath();
    let edge = -Infinity;
    for (const [start, end] of this.story.lost) {
      if (end < this.from) continue;
      if (start > this.to) break;
      const x = Math.max(edge, this.x(start));
      const width = Math.max(0, Math.max(this.x(end), x + 1) - x);
      brush.rect(x, top, width, bottom - top);
      edge = x + width;
    }
    brush.fill();
    brush.globalAlpha = 1;
  }

  /** Line and uncertainty: for each column of pixels no more than its highest and lowest. */
  line(/** @type {CanvasRenderingContext2D} */ brush) {
    const { time, value, sd } = this.track;
    const first = Math.max(0, this.track.at(this.from) - 1);
    const last = Math.min(this.track.count - 1, this.track.at(this.to) + 1);
    const dense = last - first > 2 * this.width;
    const band = new Path2D();
    const line = new Path2D();
    let lower = [];
    let open = false;
    const close = () => {
      lower.reverse().forEach(([x, y]) => band.lineTo(x, y));
      if (lower.length) band.closePath();
      lower = [];
      open = false;
    };
    const add = (/** @type {number} */ x, /** @type {number[]} */ values, /** @type {number} */ doubt) => {
      const [low, high] = [this.y(Math.min(...values)), this.y(Math.max(...values))];
      for (const value of values) {
        if (open) line.lineTo(x, this.y(value));
        else line.moveTo(x, this.y(value));
        if (!open) band.moveTo(x, high - doubt);
        open = true;
      }
      band.lineTo(x, high - doubt);
      lower.push([x, low + doubt]);
    };
    const perUnit = this.y(0) - this.y(1);
    const doubt = (/** @type {number} */ i) => (Number.isNaN(sd[i]) ? 0 : sd[i] * perUnit);
    if (!dense) {
      for (let i = first; i <= last; i += 1) {
        if (Number.isNaN(value[i])) close();
        else add(this.x(time[i]), [value[i]], doubt(i));
      }
    } else {
      let i = first;
      for (let column = 0; column <= this.width; column += 1) {
        const until = this.time(LEFT + column + 1);
        let [low, high, most, known] = [Infinity, -Infinity, 0, false];
        let [lowAt, highAt] = [0, 0];
        const begin = i;
        for (; i <= last && time[i] <= until; i += 1) {
          if (Number.isNaN(value[i])) continue;
          known = true;
          if (value[i] < low) [low, lowAt] = [value[i], i];
          if (value[i] > high) [high, highAt] = [value[i], i];
          most = Math.max(most, doubt(i));
        }
        if (known) add(LEFT + column, lowAt < highAt ? [low, high] : [high, low], most);
        else if (i > begin) close();
      }
    }
    close();
    brush.fillStyle = this.palette.line;
    brush.globalAlpha = 0.16;
    brush.fill(band);
    brush.globalAlpha = 1;
    brush.strokeStyle = this.palette.line;
    brush.lineWidth = 2;
    brush.lineJoin = "round";
    brush.stroke(line);
  }

  /** @param {CanvasRenderingContext2D} brush @param {number} y */
  ribbon(brush, y) {
    const { palette, track } = this;
    const colours = ["", palette.backward, palette.neutral, palette.forward];
    const [first, last] = [track.at(this.from), track.at(this.to)];
    let start = first;
    for (let i = first; i <= last; i += 1) {
      if (i < last && track.stance[i + 1] === track.stance[start]) continue;
      const stance = track.stance[start];
      const [from, to] = [this.x(track.time[start]), this.x(i < last ? track.time[i + 1] : this.end)];
      if (stance) {
        brush.fillStyle = colours[stance];
        brush.fillRect(from, y, Math.max(1, to - from), RIBBON);
      }
      start = i + 1;
    }
  }

  /** @param {CanvasRenderingContext2D} brush */
  faults(brush) {
    brush.fillStyle = this.palette.forward;
    for (const [time] of this.story.faults) {
      const x = this.x(time);
      if (x < LEFT - 8 || x > LEFT + this.width + 8) continue;
      brush.beginPath();
      brush.moveTo(x - 6, TOP + 2);
      brush.lineTo(x + 6, TOP + 2);
      brush.lineTo(x, TOP + 12);
      brush.fill();
    }
  }

  /** @param {CanvasRenderingContext2D} brush @param {number} y */
  ruler(brush, y) {
    const step = STEPS_S.find((s) => (s / (this.to - this.from)) * this.width > 56) ?? 1200;
    brush.fillStyle = this.palette.line;
    brush.strokeStyle = this.palette.lost;
    brush.textAlign = "center";
    brush.textBaseline = "top";
    brush.font = font(this.family, 12);
    for (let i = Math.ceil(this.from / step - 1e-9); i * step <= this.to + 1e-9; i += 1) {
      const x = this.x(i * step);
      brush.beginPath();
      brush.moveTo(x, y);
      brush.lineTo(x, y + 4);
      brush.stroke();
      brush.fillText(clock(i * step, step < 1), x, y + 7);
    }
  }

  /** The whole recording, small, with what is in sight of it. */
  survey() {
    this.overview.hidden = !this.zoomed;
    if (this.overview.hidden) return;
    const brush = sized(this.overview);
    if (!brush) return;
    const [width, height] = [this.overview.clientWidth - LEFT - RIGHT, this.overview.clientHeight];
    const x = (/** @type {number} */ time) => LEFT + (time / this.end) * width;
    brush.fillStyle = this.palette.edge;
    brush.fillRect(LEFT, 0, width, height);
    const { track, palette } = this;
    const colours = ["", palette.backward, palette.neutral, palette.forward];
    for (let column = 0; column < width; column += 1) {
      const stance = track.stance[track.at((column / width) * this.end)];
      if (!stance) continue;
      brush.fillStyle = colours[stance];
      brush.fillRect(LEFT + column, height - 5, 1, 5);
    }
    for (const rep of this.story.reps) {
      brush.fillStyle = verdictColour(palette, rep.verdict);
      brush.fillRect(x(rep.start), 3, Math.max(1, x(rep.end) - x(rep.start) - 1), height - 12);
    }
    brush.strokeStyle = palette.line;
    brush.lineWidth = 2;
    brush.strokeRect(x(this.from) + 1, 1, Math.max(4, x(this.to) - x(this.from) - 2), height - 2);
  }

  /** @param {number} x */
  overviewTime(x) {
    return ((x - LEFT) / (this.overview.clientWidth - LEFT - RIGHT)) * this.end;
  }

  /** What there is to say about a place on the curve. @param {number} x @param {number} y */
  wordsAt(x, y) {
    const time = this.time(x);
    if (y < TOP + MARKS) {
      const fault = this.story.faults.find(([at]) => Math.abs(this.x(at) - x) < 9);
      return fault ? fault[1] : "";
    }
    const lost = lostAt(this.story.lost, time, 3 / this.width * (this.to - this.from));
    return lost ? lost[2] : "";
  }
}

/** @param {any[]} lost @param {number} time @param {number} slack */
export function lostAt(lost, time, slack) {
  return lost.find(([start, end]) => time >= start - slack && time < end + slack);
}

/** @param {any} palette @param {string} verdict */
export function verdictColour(palette, verdict) {
  return { good: palette.good, improve: palette.forward }[verdict] ?? palette.neutral;
}

/** A canvas's brush in the page's pixels, the canvas as fine as the screen. @param {HTMLCanvasElement} canvas */
export function sized(canvas) {
  const fine = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * fine), Math.round(canvas.clientHeight * fine)];
  if (!width || !height) return null;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  brush.setTransform(fine, 0, 0, fine, 0, 0);
  brush.clearRect(0, 0, width, height);
  return brush;
}

function band(brush, y, other, colour, opacity, width) {
  brush.globalAlpha = opacity;
  brush.fillStyle = colour;
  brush.fillRect(LEFT, Math.min(y, other), width, Math.abs(y - other));
  brush.globalAlpha = 1;
}

function font(family, size, weight = 400) {
  return `${weight} ${size}px ${family}`;
}

/** A round step that cuts a reach into no more than so many pieces. */
export function stepFor(reach, most) {
  const power = 10 ** Math.floor(Math.log10(reach / most));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => reach / step <= most) ?? 10 * power;
}
