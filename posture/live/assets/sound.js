// What is heard: a voice where the browser has one, else recordings, else short sounds.

import { Spoken } from "./spoken.js";

/** Notes for each weight of a cue: lost, found, fault, mended, praise. Hertz. */
const TUNES = [[392, 294], [294, 392], [330], [330, 440], [392, 494, 587]];
const REP_NOTE = [660];
const AFTER_NOTE_S = 0.25;
const TICK_NOTE = [440];
const LAST_SECONDS = 3;
/** A word takes at most so long; a browser that says for longer that it speaks has lost count. */
const WORD_MS = 900;
const LOOK_AGAIN_MS = 80;

/** The breath tone: rises while breathing in, sinks while breathing out. */
const BREATH_HZ = [165, 247];
const BREATH_LOUDEST = 0.06;

/** The tone that follows the tilt: silent near neutral, higher and to one side forward. */
const TONE_FROM_DEG = 2;
const TONE_FULL_DEG = 12;
const TONE_HZ = 262;
const TONE_LOUDEST = 0.08;

/** The coach's voice. */
export class Voice {
  /** @param {string} lang */
  constructor(lang) {
    this.lang = lang;
    this.mute = false;
    this.volume = 1;
    this.toneOn = false;
    this.breathOn = true;
    /** @type {{tone: OscillatorNode, volume: GainNode} | null} */
    this.breath = null;
    /** @type {{tone: OscillatorNode, volume: GainNode, side: StereoPannerNode} | null} */
    this.tone = null;
    /** @type {AudioContext | null} */
    this.audio = null;
    this.spoken = new Spoken();
    /** When what is being said must be over. */
    this.until = 0;
    /** @type {number | undefined} */
    this.waiting = undefined;
    /** What was last heard and how, for whoever wants to know. */
    this.last = { words: "", by: "" };
  }

  /** Browsers let a page make sounds once the visitor has pressed something. */
  wake() {
    try {
      this.audio ??= new AudioContext();
      void this.audio.resume();
    } catch {
      this.audio = null;
    }
    window.speechSynthesis?.getVoices();
    if (!this.find()) void this.spoken.load(this.lang);
  }

  /** @returns {SpeechSynthesisVoice | undefined} */
  find() {
    const voices = window.speechSynthesis?.getVoices() ?? [];
    const fitting = voices.filter((voice) => voice.lang.toLowerCase().startsWith(this.lang));
    return fitting.find((voice) => voice.localService) ?? fitting[0];
  }

  /** Whether words are being heard. */
  get speaks() {
    const speaking = this.spoken.speaking || Boolean(window.speechSynthesis?.speaking);
    return speaking && performance.now() < this.until;
  }

  /** From now on these words are heard. @param {string} words */
  begins(words) {
    this.until = performance.now() + WORD_MS * words.split(" ").length;
  }

  /**
   * Say it as soon as nobody is in mid-sentence; the most important at once. What waits gives way
   * to what is newer.
   * @param {string} words
   * @param {number} weight How important it is; chooses the sound where there is no voice.
   */
  say(words, weight) {
    clearTimeout(this.waiting);
    if (this.mute) return;
    if (weight > 0 && this.speaks) {
      this.waiting = setTimeout(() => this.say(words, weight), LOOK_AGAIN_MS);
      return;
    }
    this.begins(words);
    const voice = this.find();
    this.last = { words, by: "voice" };
    if (!voice) {
      this.sound(words, weight);
      return;
    }
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    spoken.volume = this.volume;
    spoken.onerror = (event) => {
      if (event.error !== "canceled" && event.error !== "interrupted") this.sound(words, weight);
    };
    window.speechSynthesis.cancel();
    window.speechSynthesis.speak(spoken);
  }

  /** Let it be heard without a voice. @param {string} words @param {number} weight */
  sound(words, weight) {
    if (this.recorded(words)) this.last = { words, by: "recording" };
    else {
      this.last = { words, by: "sound" };
      this.tune(TUNES[weight] ?? TUNES[2]);
    }
  }

  /** @param {string} words @param {number} [delayS] @returns {boolean} Whether it is recorded. */
  recorded(words, delayS = 0) {
    void this.spoken.load(this.lang);
    const audio = this.audio;
    if (!audio || audio.state !== "running") return false;
    return this.spoken.say(words, audio, this.volume, delayS);
  }

  /** The breath turns; said only where nobody is speaking. @param {string} words */
  breathe(words) {
    if (this.mute || this.spoken.speaking || window.speechSynthesis?.speaking) return;
    this.begins(words);
    const voice = this.find();
    if (!voice) {
      this.recorded(words);
      return;
    }
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    spoken.volume = this.volume;
    window.speechSynthesis.speak(spoken);
  }

  /**
   * Let the breath tone rise or sink for so long.
   * @param {"inhale" | "exhale" | "rest" | null} kind Rest, and null, are silent.
   * @param {number} seconds
   */
  glide(kind, seconds) {
    const audio = this.audio;
    if (!audio || audio.state !== "running") return;
    const now = audio.currentTime;
    if (this.breath) {
      this.breath.volume.gain.cancelScheduledValues(now);
      this.breath.volume.gain.setTargetAtTime(0, now, 0.1);
      this.breath.tone.stop(now + 0.6);
      this.breath = null;
    }
    if (kind !== "inhale" && kind !== "exhale") return;
    if (this.mute || !this.breathOn || seconds <= 0) return;
    const [low, high] = BREATH_HZ;
    const [from, to] = kind === "inhale" ? [low, high] : [high, low];
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.setValueAtTime(from, now);
    tone.frequency.exponentialRampToValueAtTime(to, now + seconds);
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(BREATH_LOUDEST * this.volume, now + seconds / 3);
    volume.gain.linearRampToValueAtTime(0, now + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start(now);
    tone.stop(now + seconds + 0.1);
    this.breath = { tone, volume };
  }

  /** A repetition was counted. @param {number} count @param {boolean} silent Something else is said. */
  count(count, silent) {
    if (this.mute) return;
    this.tune(REP_NOTE);
    if (silent || this.spoken.speaking || window.speechSynthesis?.speaking) return;
    this.begins(String(count));
    const voice = this.find();
    if (!voice) {
      this.recorded(String(count), AFTER_NOTE_S);
      return;
    }
    const spoken = new SpeechSynthesisUtterance(String(count));
    spoken.voice = voice;
    spoken.lang = voice.lang;
    spoken.volume = this.volume;
    window.speechSynthesis.speak(spoken);
  }

  /** The last seconds before it begins. @param {number} seconds */
  countDown(seconds) {
    if (this.mute || seconds > LAST_SECONDS) return;
    this.tune(seconds ? TICK_NOTE : REP_NOTE);
  }

  /** @param {number[]} notes Hertz. */
  tune(notes) {
    const audio = this.audio;
    if (!audio || audio.state !== "running") return;
    notes.forEach((hertz, index) => {
      const start = audio.currentTime + 0.16 * index;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.22 * this.volume, start + 0.02);
      volume.gain.linearRampToValueAtTime(0, start + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.32);
    });
  }

  /**
   * Let the tone follow.
   * @param {number | null} tilt Degrees, forward positive; null for silence.
   * @param {number} ahead 1 when forward is to the right of what is seen.
   */
  follow(tilt, ahead) {
    const audio = this.audio;
    if (!audio) return;
    if (!this.tone) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const side = audio.createStereoPanner();
      volume.gain.value = 0;
      tone.connect(volume).connect(side).connect(audio.destination);
      tone.start();
      this.tone = { tone, volume, side };
    }
    const size = Math.abs(tilt ?? 0);
    const part = Math.min(1, Math.max(0, size - TONE_FROM_DEG) / (TONE_FULL_DEG - TONE_FROM_DEG));
    const way = Math.sign(tilt ?? 0);
    const soon = 0.05;
    const { tone, volume, side } = this.tone;
    const loud = this.toneOn && !this.mute && part > 0 ? TONE_LOUDEST * this.volume : 0;
    volume.gain.setTargetAtTime(loud, audio.currentTime, soon);
    tone.frequency.setTargetAtTime(TONE_HZ * 2 ** (way * part), audio.currentTime, soon);
    side.pan.setTargetAtTime(way * ahead * part * 0.8, audio.currentTime, soon);
  }

  /** @param {boolean} mute */
  setMute(mute) {
    this.mute = mute;
    if (!mute) return;
    this.hush();
    this.glide(null, 0);
  }

  /** Fall silent in mid-sentence. */
  hush() {
    clearTimeout(this.waiting);
    window.speechSynthesis?.cancel();
    this.spoken.stop();
  }

  close() {
    this.hush();
    void this.audio?.close();
    this.audio = null;
    this.tone = null;
    this.breath = null;
  }
}
