// The socket to the server: pictures out, moments in. See PROTOCOL.md.

export const VERSION = 1;
const HEADER_BYTES = 16;
const IN_FLIGHT = 2;
const RETRY_MS = [300, 700, 1500, 3000, 5000];
const GIVE_UP_MS = 90_000;
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
   */
  constructor(address, pass, listener) {
    this.address = address;
    this.pass = pass;
    this.listener = listener;
    this.sequence = 0;
    /** @type {Map<number, number>} When each unanswered picture was sent. */
    this.flying = new Map();
    this.open = false;
    this.over = false;
    this.tries = 0;
    this.lostAt = performance.now();
    this.connect();
  }

  connect() {
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "open", version: VERSION, token: this.pass }));
    };
    socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event);
  }

  /** @param {Record<string, any>} message */
  hear(message) {
    if (message.type === "ready") {
      this.pass = message.pass;
      this.open = true;
      this.tries = 0;
      this.flying.clear();
      this.listener.ready(message.stage);
    } else if (message.type === "moment") {
      for (const sequence of this.flying.keys()) {
        if (sequence <= message.seq) this.flying.delete(sequence);
      }
      this.listener.moment(message);
    } else if (message.type === "summary") {
      this.over = true;
      this.listener.summary(message);
    }
  }

  /** @param {CloseEvent} event */
  closed(event) {
    if (this.open) this.lostAt = performance.now();
    this.open = false;
    if (this.over) return;
    // The server says why in the close reason; a code of its own means there is no use in trying.
    if (event.code >= 4000 && event.reason !== "idle") {
      this.over = true;
      this.listener.refused(event.reason);
      return;
    }
    if (performance.now() - this.lostAt > GIVE_UP_MS) {
      this.over = true;
      this.listener.refused("gone");
      return;
    }
    this.listener.cut();
    const delay = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), delay);
  }

  /** Whether the server can take another picture now. */
  get free() {
    if (!this.open) return false;
    const oldest = performance.now() - LOST_MS;
    for (const [sequence, sent] of this.flying) {
      if (sent < oldest) this.flying.delete(sequence);
    }
    return this.flying.size < IN_FLIGHT;
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
   * @param {ArrayBuffer} jpeg The picture.
   */
  send(sequence, takenMs, jpeg) {
    if (!this.open || !this.socket) return;
    const message = new Uint8Array(HEADER_BYTES + jpeg.byteLength);
    const header = new DataView(message.buffer);
    header.setUint8(0, VERSION);
    header.setUint32(4, sequence, true);
    header.setFloat64(8, takenMs, true);
    message.set(new Uint8Array(jpeg), HEADER_BYTES);
    this.socket.send(message);
  }

  /** @param {"calibrate" | "stop"} command */
  ask(command) {
    if (this.open && this.socket) this.socket.send(JSON.stringify({ type: command }));
  }

  /** Leave without a summary. */
  close() {
    this.over = true;
    this.open = false;
    clearTimeout(this.timer);
    this.socket?.close(1000);
  }
}
