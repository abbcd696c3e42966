/** A bell that needs no file. Browsers keep it silent until the page was touched once. */

let context = /** @type {AudioContext|null} */ (null);

/** @returns {boolean} whether a bell would be heard */
export function bellWorks() {
  context ??= new AudioContext();
  return context.state === "running";
}

/** Let the bell sound from now on; call it from a click. */
export async function allowBell() {
  context ??= new AudioContext();
  await context.resume();
}

/** Ring: two calm tones. */
export function ring() {
  if (!bellWorks() || !context) return;
  for (const [delay, tone] of [[0, 660], [0.35, 880]]) {
    const [sound, volume, start] = [context.createOscillator(), context.createGain(), context.currentTime + delay];
    sound.frequency.value = tone;
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    sound.connect(volume).connect(context.destination);
    sound.start(start);
    sound.stop(start + 0.6);
  }
}

/** @param {string} text read aloud, slowly, where a Chinese voice is there */
export function speak(text) {
  const voice = window.speechSynthesis?.getVoices().find((one) => one.lang.startsWith("zh"));
  if (!voice) return;
  const words = new SpeechSynthesisUtterance(text);
  [words.voice, words.lang, words.rate] = [voice, voice.lang, 0.8];
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}
