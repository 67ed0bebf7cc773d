// What is heard: a voice where the browser has one, else short sounds.

/** Notes for each weight of a cue: lost, found, fault, mended, praise. Hertz. */
const TUNES = [[392, 294], [294, 392], [330], [330, 440], [392, 494, 587]];
const REP_NOTE = [660];

/** The coach's voice. */
export class Voice {
  /** @param {string} lang */
  constructor(lang) {
    this.lang = lang;
    this.mute = false;
    /** @type {AudioContext | null} */
    this.audio = null;
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
  }

  /** @returns {SpeechSynthesisVoice | undefined} */
  find() {
    const voices = window.speechSynthesis?.getVoices() ?? [];
    const fitting = voices.filter((voice) => voice.lang.toLowerCase().startsWith(this.lang));
    return fitting.find((voice) => voice.localService) ?? fitting[0];
  }

  /**
   * @param {string} words
   * @param {number} weight How important it is; chooses the sound where there is no voice.
   */
  say(words, weight) {
    if (this.mute) return;
    const voice = this.find();
    this.last = { words, by: voice ? "voice" : "sound" };
    if (!voice) {
      this.tune(TUNES[weight] ?? TUNES[2]);
      return;
    }
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    spoken.onerror = (event) => {
      if (event.error !== "canceled" && event.error !== "interrupted") {
        this.tune(TUNES[weight] ?? TUNES[2]);
      }
    };
    window.speechSynthesis.cancel();
    window.speechSynthesis.speak(spoken);
  }

  /** The breath turns; said only where nobody is speaking. @param {string} words */
  breathe(words) {
    if (this.mute || window.speechSynthesis?.speaking) return;
    const voice = this.find();
    if (!voice) return;
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    window.speechSynthesis.speak(spoken);
  }

  /** A repetition was counted. @param {number} count */
  count(count) {
    if (this.mute) return;
    this.tune(REP_NOTE);
    const voice = this.find();
    if (!voice || window.speechSynthesis.speaking) return;
    const spoken = new SpeechSynthesisUtterance(String(count));
    spoken.voice = voice;
    spoken.lang = voice.lang;
    window.speechSynthesis.speak(spoken);
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
      volume.gain.linearRampToValueAtTime(0.22, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.32);
    });
  }

  /** @param {boolean} mute */
  setMute(mute) {
    this.mute = mute;
    if (mute) window.speechSynthesis?.cancel();
  }

  close() {
    window.speechSynthesis?.cancel();
    void this.audio?.close();
    this.audio = null;
  }
}
