// A video of which always the wanted frame is on the screen, with the body drawn on that very frame.

/** @typedef {import("./track.js").Signal} Signal */
/** @typedef {import("./track.js").Body} Body */

export class Film {
  /**
   * @param {HTMLVideoElement} video Decodes; it lies behind the canvas.
   * @param {HTMLCanvasElement} canvas What is seen.
   * @param {Function} draw The live page's drawing of a body on a picture.
   * @param {(frame: number) => void} onFrame Called with each frame that comes on the screen.
   * @param {AbortSignal} signal Ends everything.
   */
  constructor(video, canvas, draw, onFrame, signal) {
    Object.assign(this, { video, canvas, drawBody: draw, onFrame });
    this.frame = 0;
    this.drawn = true;
    /** @type {number | null} Where to go once the video has come to where it was sent. */
    this.next = null;
    /** @type {[number, number] | null} First and last frame of what is played over and over. */
    this.loop = null;
    const shown = (/** @type {number} */ _now, /** @type {any} */ picture) => {
      if (signal.aborted) return;
      this.show(picture.mediaTime);
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
    video.addEventListener("seeked", () => this.arrived(), { signal });
    video.addEventListener("loadeddata", () => this.paint(), { signal });
    signal.addEventListener("abort", () => { video.pause(); video.removeAttribute("src"); video.load(); });
  }

  /** @param {Signal} track @param {Body | null} body */
  suit(track, body) {
    [this.track, this.body] = [track, body];
    this.paint();
  }

  get playing() {
    return !this.video.paused && !this.video.ended;
  }

  /** A frame has come on the screen. @param {number} mediaTime Its own time. */
  show(mediaTime) {
    if (!this.track) return;
    // A late picture of where we came from must not move the line back.
    if (this.video.seeking && this.next !== null) return;
    this.frame = this.track.nearest(mediaTime);
    this.paint();
    this.onFrame(this.frame);
    if (this.loop && this.playing && this.frame >= this.loop[1]) this.go(this.loop[0]);
  }

  /** Go to a frame. @param {number} frame */
  go(frame) {
    if (!this.track) return;
    const wanted = Math.max(0, Math.min(this.track.count - 1, frame));
    this.frame = wanted;
    this.onFrame(wanted);
    if (this.video.seeking) this.next = wanted;
    else this.video.currentTime = this.track.middle(wanted);
  }

  arrived() {
    if (this.next !== null) {
      const wanted = this.next;
      this.next = null;
      this.video.currentTime = this.track.middle(wanted);
      return;
    }
    if (!this.playing && this.track) {
      this.frame = this.track.at(this.video.currentTime);
      this.onFrame(this.frame);
    }
    this.paint();
  }

  async toggle() {
    if (this.playing) return this.video.pause();
    if (this.loop && (this.frame < this.loop[0] || this.frame >= this.loop[1])) this.go(this.loop[0]);
    else if (this.track && this.frame >= this.track.count - 1) this.go(0);
    await this.video.play().catch(() => {});
  }

  /** @param {number} count Frames forward, or back. */
  step(count) {
    this.video.pause();
    this.go(this.frame + count);
  }

  paint() {
    const { video } = this;
    if (!video.videoWidth || video.readyState < 2) return;
    const moment = this.drawn && this.body && this.track ? this.body.moment(this.frame, this.track) : null;
    this.drawBody(this.canvas, video, video.videoWidth, video.videoHeight, moment);
  }
}
