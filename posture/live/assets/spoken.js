// Recordings of all that is said, for browsers that have no voice of their own.

const SENTENCE_END = /(?<=[.!?])\s+/;
const FOLDER = new URL("spoken/", import.meta.url);

/** A language's recordings: one for each sentence, in one file. */
export class Spoken {
  constructor() {
    this.lang = "";
    /** @type {Record<string, [number, number]>} Where each sentence lies, in bytes. */
    this.places = {};
    this.sounds = new ArrayBuffer(0);
    /** @type {AudioBufferSourceNode[]} */
    this.playing = [];
    this.turn = 0;
  }

  /** Fetch a language's recordings; once. @param {string} lang */
  async load(lang) {
    if (lang === this.lang) return;
    this.lang = lang;
    this.places = {};
    try {
      const [index, sounds] = await Promise.all([
        fetch(new URL(`${lang}.json`, FOLDER)),
        fetch(new URL(`${lang}.ogg`, FOLDER)),
      ]);
      if (!index.ok || !sounds.ok) return;
      const [places, bytes] = [await index.json(), await sounds.arrayBuffer()];
      if (lang !== this.lang) return;
      this.places = places;
      this.sounds = bytes;
    } catch {
      this.lang = ""; // the program does not answer: another time
    }
  }

  /** Whether something is being said. */
  get speaking() {
    return this.playing.length > 0;
  }

  /**
   * Say what is known of it, instead of what is being said.
   * @param {string} words
   * @param {AudioContext} audio
   * @param {number} volume 0 to 1.
   * @param {number} [delayS] How much later.
   * @returns {boolean} Whether anything of it is known.
   */
  say(words, audio, volume, delayS = 0) {
    const known = words.split(SENTENCE_END).filter((sentence) => sentence in this.places);
    if (!known.length) return false;
    this.stop();
    void this.play(known, audio, volume, audio.currentTime + delayS, this.turn);
    return true;
  }

  /**
   * @param {string[]} sentences
   * @param {AudioContext} audio
   * @param {number} volume
   * @param {number} from When to begin, on the sound's own clock.
   * @param {number} turn
   */
  async play(sentences, audio, volume, from, turn) {
    const loudness = audio.createGain();
    loudness.gain.value = volume;
    loudness.connect(audio.destination);
    for (const sentence of sentences) {
      const buffer = await audio.decodeAudioData(this.sounds.slice(...this.places[sentence]));
      if (turn !== this.turn) return;
      const source = audio.createBufferSource();
      source.buffer = buffer;
      source.connect(loudness);
      source.onended = () => {
        this.playing = this.playing.filter((other) => other !== source);
      };
      const start = Math.max(from, audio.currentTime);
      source.start(start);
      from = start + buffer.duration;
      this.playing.push(source);
    }
  }

  stop() {
    this.turn += 1;
    for (const source of this.playing) source.stop();
    this.playing = [];
  }
}
