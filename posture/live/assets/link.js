// The socket to the server: pictures out, moments in. See PROTOCOL.md.

export const VERSION = 1;
const HEADER_BYTES = 16;
const IN_FLIGHT = 2; // one at work, one that waits for its turn
// How long pictures should wait for their turn: a later one would be younger when the turn comes,
// but without any wait the server would be idle.
const WAIT_MS = 3;
const MOST_LEAD_MS = 20;
const SHARE = 0.1; // of the newest time in a smoothed one
const RETRY_MS = [300, 700, 1500, 3000, 5000];
const TOO_BIG = 1009;
const MOST_TRIES = 25; // about two minutes
// Who was cut off for so long may have left, and is not filmed again without being asked.
const IDLE_MS = 60_000;
// A picture that was sent and never answered must not block those after it.
const LOST_MS = 3_000;

/**
 * @typedef {object} Listener
 * @property {(stage: string) => void} ready The server expects pictures.
 * @property {(moment: Record<string, any>) => void} moment What a picture came to.
 * @property {(summary: Record<string, any>) => void} summary The practice has ended.
 * @property {() => void} cut The connection was lost; it is being mended.
 * @property {(reason: string) => void} refused The server does not want us, or cannot be found.
 */

/** One practice's connection, which mends itself. */
export class Link {
  /**
   * @param {URL} address Where the socket is.
   * @param {string} pass A pass that was not used yet.
   * @param {Listener} listener Who is told.
   * @param {boolean} film Whether the practice's video is to be kept.
   */
  constructor(address, pass, listener, film) {
    this.address = address;
    this.pass = pass;
    this.listener = listener;
    this.film = film;
    this.sequence = 0;
    /** @type {Map<number, number>} When each unanswered picture was sent. */
    this.flying = new Map();
    /** What the server takes for a picture, and what packing one takes; smoothed. */
    this.serverMs = 0;
    this.packMs = 0;
    /** How long before the server is free a picture may come; learned from how long they waited. */
    this.leadMs = 0;
    /** When the server will be free, as far as can be told. */
    this.freeAt = 0;
    this.open = false;
    this.over = false;
    this.resting = false;
    this.tries = 0;
    /** When the server last said something; by the clock on the wall, which no sleep stops. */
    this.heardAt = Date.now();
    this.seen = () => {
      if (document.hidden || !this.resting) return;
      if (this.idle) this.giveUp("idle");
      else this.connect();
    };
    document.addEventListener("visibilitychange", this.seen);
    this.connect();
  }

  connect() {
    this.resting = false;
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      const { pass: token, film } = this;
      socket.send(JSON.stringify({ type: "open", version: VERSION, token, film }));
    };
    socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event);
  }

  /** @param {Record<string, any>} message */
  hear(message) {
    this.heardAt = Date.now();
    if (message.type === "ready") {
      this.pass = message.pass;
      this.open = true;
      this.tries = 0;
      this.flying.clear();
      this.listener.ready(message.stage);
    } else if (message.type === "moment") {
      this.serverMs += SHARE * (message.ms - this.serverMs);
      const lead = this.leadMs + SHARE * (WAIT_MS - message.wait);
      this.leadMs = Math.max(-MOST_LEAD_MS, Math.min(MOST_LEAD_MS, lead));
      for (const sequence of this.flying.keys()) {
        if (sequence <= message.seq) this.flying.delete(sequence);
      }
      this.freeAt = performance.now() + (this.flying.size ? this.serverMs : 0);
      this.listener.moment(message);
    } else if (message.type === "summary") {
      this.close();
      this.listener.summary(message);
    }
  }

  /** @param {CloseEvent} event */
  closed(event) {
    this.open = false;
    if (this.over) return;
    // The server says why in the close reason; after most reasons there is no use in trying again.
    if (event.code === TOO_BIG) this.giveUp("too_big");
    else if (event.code >= 4000) this.giveUp(event.reason);
    else if (this.tries === 0 && this.idle) this.giveUp("idle");
    else if (this.tries >= MOST_TRIES) this.giveUp("gone");
    else this.mend();
  }

  /** Connect again: soon, or as soon as somebody looks at the page again. */
  mend() {
    this.listener.cut();
    this.resting = document.hidden;
    if (this.resting) return;
    const delay = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), delay);
  }

  /** @param {string} reason */
  giveUp(reason) {
    this.close();
    this.listener.refused(reason);
  }

  /** Whether nothing was heard for so long that whoever was there may have left. */
  get idle() {
    return Date.now() - this.heardAt > IDLE_MS;
  }

  /** Whether a picture taken now would come in time for the server, and not long before. */
  get free() {
    if (!this.open) return false;
    const now = performance.now();
    for (const [sequence, taken] of this.flying) {
      if (taken < now - LOST_MS) this.flying.delete(sequence);
    }
    if (!this.flying.size) return true;
    return this.flying.size < IN_FLIGHT && now + this.packMs > this.freeAt - this.leadMs;
  }

  /** Keep a place in flight for a picture that is being packed. @returns {number} Its number. */
  reserve() {
    this.sequence += 1;
    this.flying.set(this.sequence, performance.now());
    return this.sequence;
  }

  /**
   * @param {number} sequence From `reserve`.
   * @param {number} takenMs When the picture was taken.
   * @param {Uint8Array} jpeg The picture.
   */
  send(sequence, takenMs, jpeg) {
    if (!this.open || !this.socket) return;
    const now = performance.now();
    this.packMs += SHARE * (now - (this.flying.get(sequence) ?? now) - this.packMs);
    this.freeAt = Math.max(now, this.freeAt) + this.serverMs;
    const message = new Uint8Array(HEADER_BYTES + jpeg.length);
    const header = new DataView(message.buffer);
    header.setUint8(0, VERSION);
    header.setUint32(4, sequence, true);
    header.setFloat64(8, takenMs, true);
    message.set(jpeg, HEADER_BYTES);
    this.socket.send(message);
  }

  /** @param {"calibrate" | "stop" | "skip" | "pause" | "resume" | "repeat"} command */
  ask(command) {
    if (this.open && this.socket) this.socket.send(JSON.stringify({ type: command }));
  }

  /** Leave without a summary. */
  close() {
    this.over = true;
    this.open = false;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
    this.socket?.close(1000);
  }
}
