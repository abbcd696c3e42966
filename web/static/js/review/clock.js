/**
 * One master clock for several recordings of one talk. Every picture follows it; none leads, so that
 * a seat that came late, left early or was interrupted never stops the others.
 */

/** @typedef {{ video: HTMLVideoElement, offset: number, duration: number }} Source seconds after the recording's start */

const FAR = 0.3;
const NEAR = 0.03;
const NUDGE = 0.06;

export class MasterClock extends EventTarget {
  /**
   * @param {Source[]} sources
   * @param {number} length seconds
   * @param {() => number} read a monotonic clock in seconds
   */
  constructor(sources, length, read = () => performance.now() / 1000) {
    super();
    this.sources = sources;
    this.length = length;
    this.rate = 1;
    this.playing = false;
    this.read = read;
    this.base = 0;
    this.since = read();
    this.held = false;
  }

  /** Where the talk stands, in seconds. */
  get position() {
    const run = this.playing && !this.held ? (this.read() - this.since) * this.rate : 0;
    return Math.min(this.length, this.base + run);
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.#settle(Math.max(0, Math.min(this.length, seconds)));
    for (const source of this.sources) this.#place(source);
    this.tick();
  }

  /** @param {number} rate */
  setRate(rate) {
    this.#settle(this.position);
    this.rate = rate;
    this.tick();
  }

  toggle() {
    this.#settle(this.position >= this.length && !this.playing ? 0 : this.position);
    this.playing = !this.playing;
    this.tick();
  }

  /** Called often: starts, stops and corrects every picture, and tells where the talk stands. */
  tick() {
    const at = this.position;
    if (this.playing && at >= this.length) {
      this.#settle(this.length);
      this.playing = false;
    }
    this.#hold(this.playing && this.sources.some((one) => this.#due(one, at) && one.video.seeking));
    for (const source of this.sources) this.#follow(source, at);
    this.dispatchEvent(new Event("tick"));
  }

  /** @param {number} position */
  #settle(position) {
    this.base = position;
    this.since = this.read();
  }

  /** The clock waits while a picture is still looking for its place. @param {boolean} waiting */
  #hold(waiting) {
    if (waiting === this.held) return;
    this.#settle(this.position);
    this.held = waiting;
  }

  /** Whether a source has something to show; a broken file has nothing. @param {Source} source @param {number} at */
  #due(source, at) {
    return source.video.error === null && at >= source.offset && at < source.offset + source.duration;
  }

  /** @param {Source} source */
  #place(source) {
    const local = Math.max(0, Math.min(source.duration, this.position - source.offset));
    if (Math.abs(source.video.currentTime - local) > NEAR) source.video.currentTime = local;
  }

  /** @param {Source} source @param {number} at */
  #follow(source, at) {
    const { video } = source;
    if (!this.#due(source, at)) {
      if (!video.paused) video.pause();
      return;
    }
    const drift = video.currentTime - (at - source.offset);
    if (Math.abs(drift) > FAR && !video.seeking) this.#place(source);
    const nudge = Math.abs(drift) > NEAR ? -Math.sign(drift) * NUDGE : 0;
    video.playbackRate = this.rate * (1 + (this.playing ? nudge : 0));
    if (this.playing && video.paused) video.play().catch((error) => this.#refused(error));
    if (!this.playing && !video.paused) video.pause();
  }

  /** The browser wants a click before it makes a sound; any other refusal is that of one file. @param {Error} error */
  #refused(error) {
    if (!this.playing || error.name !== "NotAllowedError") return;
    this.#settle(this.position);
    this.playing = false;
    this.dispatchEvent(new Event("tick"));
  }
}
