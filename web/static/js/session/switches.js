/** Whether we are heard and seen. A pause of the talk switches both off without forgetting what was chosen. */

export class Switches {
  /** @type {Set<string>} */
  #off = new Set();
  #paused = false;
  /** @type {MediaStream} */
  #stream = new MediaStream();

  /** @param {MediaStream} stream what is switched */
  use(stream) {
    this.#stream = stream;
    this.#apply();
  }

  /** @param {boolean} paused */
  pause(paused) {
    this.#paused = paused;
    this.#apply();
  }

  /** @param {"audio"|"video"} kind */
  toggle(kind) {
    this.#off.has(kind) ? this.#off.delete(kind) : this.#off.add(kind);
    this.#apply();
  }

  /** @param {"audio"|"video"} kind @returns {boolean} */
  isOn(kind) {
    return !this.#off.has(kind);
  }

  /** @returns {{microphone: boolean, camera: boolean}} as the others are told: what is missing is off */
  get told() {
    const has = (/** @type {"audio"|"video"} */ kind) => this.isOn(kind) && this.#stream.getTracks().some((track) => track.kind === kind);
    return { microphone: has("audio"), camera: has("video") };
  }

  #apply() {
    for (const track of this.#stream.getTracks()) track.enabled = !this.#off.has(track.kind) && !this.#paused;
  }
}
