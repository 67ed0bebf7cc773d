// The body's lines on the picture they belong to.

const FORWARD = "#f0961e";
const BACKWARD = "#56b4e9";
const NEUTRAL = "#f4f4f0";
const QUIET = "#b0b6bc";
const INK = "#12161c";
const LONGEST_SIDE = 1280;

/** @type {Record<string, string>} */
export const STANCE_COLOUR = { forward: FORWARD, backward: BACKWARD, neutral: NEUTRAL };

const STRONG = [
  [11, 23], [12, 24], [11, 12], [23, 24], [23, 25], [24, 26], [25, 27], [26, 28], [27, 31], [28, 32],
];
const THIN = [[11, 13], [12, 14], [13, 15], [14, 16]];
const JOINTS = [23, 24, 25, 26, 27, 28];

/** @typedef {[number, number]} Spot */
/** @typedef {Spot | null} Point */

/**
 * @param {HTMLCanvasElement} canvas What is seen.
 * @param {CanvasImageSource} picture The picture.
 * @param {number} width Its width.
 * @param {number} height Its height.
 * @param {Record<string, any> | null} moment What is drawn on it.
 * @param {boolean} mirrored
 */
export function draw(canvas, picture, width, height, moment, mirrored) {
  // No more pixels than are shown of it: each is drawn and put together anew with every picture.
  const { clientWidth, clientHeight } = canvas;
  const fitting = Math.min(clientWidth / width, clientHeight / height);
  const scale = Math.min(LONGEST_SIDE / width, Math.max(1, fitting * devicePixelRatio));
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  // Pixels that lie on the screen's own need not be computed anew when the page is put together.
  const isExact = devicePixelRatio === 1 && scale === fitting;
  const [left, top] = [clientWidth - w, clientHeight - h].map((rest) => Math.floor(rest / 2));
  place(canvas, isExact ? `${left}px ${top}px` : "");
  const [side, from] = mirrored ? [-1, w] : [1, 0];
  brush.setTransform(side, 0, 0, 1, from, 0);
  brush.drawImage(picture, 0, 0, w, h);
  if (!moment?.points) return;
  brush.setTransform((side * w) / moment.size[0], 0, 0, h / moment.size[1], from, 0);
  brush.lineCap = "round";
  brush.lineJoin = "round";
  const unit = lineUnit(moment);
  const limbs = moment.reason && moment.stage === "practice" ? QUIET : NEUTRAL;
  line(brush, bones(moment.points, THIN), limbs, unit, 1.2);
  line(brush, bones(moment.points, STRONG), limbs, unit, 2.2);
  for (const joint of JOINTS) dot(brush, moment.points[joint], unit, limbs);
  if (moment.front) line(brush, pieces(moment.front), QUIET, unit, 1.2);
  if (moment.back) {
    line(brush, pieces(moment.back), STANCE_COLOUR[moment.stance] ?? QUIET, unit, 4);
  }
}

/** Fit what is drawn into a place that changes, until the next picture. @param {HTMLCanvasElement} canvas */
export function keepFitting(canvas) {
  new ResizeObserver(() => place(canvas, "")).observe(canvas);
}

/** @param {HTMLCanvasElement} canvas @param {string} where Its corner as it is; empty to fit it in. */
function place(canvas, where) {
  if (canvas.style.objectPosition === where) return;
  canvas.style.objectPosition = where;
  canvas.style.objectFit = where ? "none" : "";
}

/** Line widths are multiples of this: 1 for a person who fills a 640 x 480 picture. */
function lineUnit(/** @type {Record<string, any>} */ moment) {
  const [a, b] = [moment.points[11], moment.points[23]];
  const unit = Math.min(moment.size[0], moment.size[1]) / 480;
  if (!a || !b) return unit;
  return Math.max(0.6, Math.min(unit, Math.hypot(a[0] - b[0], a[1] - b[1]) / 130));
}

/** @param {Point[]} points @param {number[][]} pairs @returns {Spot[][]} The limbs with both ends. */
function bones(points, pairs) {
  return pairs.map((pair) => pair.flatMap((i) => (points[i] ? [points[i]] : []))).filter(isLine);
}

/** @param {Spot[]} points */
function isLine(points) {
  return points.length > 1;
}

/** @param {Point[]} points @returns {Spot[][]} The stretches between gaps. */
function pieces(points) {
  /** @type {Spot[][]} */
  const found = [[]];
  for (const point of points) {
    if (point) found[found.length - 1].push(point);
    else found.push([]);
  }
  return found.filter(isLine);
}

/**
 * Lines with a dark rim, which keeps them legible on any background.
 * @param {CanvasRenderingContext2D} brush
 * @param {Spot[][]} lines
 * @param {string} colour
 * @param {number} unit
 * @param {number} width
 */
function line(brush, lines, colour, unit, width) {
  brush.beginPath();
  for (const points of lines) {
    points.forEach((p, i) => (i ? brush.lineTo(p[0], p[1]) : brush.moveTo(p[0], p[1])));
  }
  brush.strokeStyle = INK;
  brush.lineWidth = unit * (width + 1.6);
  brush.stroke();
  brush.strokeStyle = colour;
  brush.lineWidth = unit * width;
  brush.stroke();
}

/** @param {CanvasRenderingContext2D} brush @param {Point} point @param {number} unit @param {string} colour */
function dot(brush, point, unit, colour) {
  if (!point) return;
  for (const [tint, radius] of /** @type {[string, number][]} */ ([[INK, 4.6], [colour, 3.4]])) {
    brush.beginPath();
    brush.arc(point[0], point[1], unit * radius, 0, 7);
    brush.fillStyle = tint;
    brush.fill();
  }
}
