/** A seat in a reception: socket, connection, camera and microphone together. The pages only show it. */

import { openDevices, watchDevices } from "./devices.js";
import { Peer } from "./peer.js";
import { Signaling } from "./signaling.js";
import { Stage, stateOf } from "./stage.js";
import { Switches } from "./switches.js";
import { byId, length, show, word } from "./words.js";

const LIVE = new Set(["talk", "read_back"]);

export class Conversation {
  /** @type {Record<string, any>|null} the newest state of the talk */
  session = null;
  /** @type {string} our seat */
  seat = "";
  stream = new MediaStream();
  switches = new Switches();
  #stage = new Stage();
  #wantsDevices;
  #on;
  #reconnecting = false;

  /**
   * @param {Record<string, any>} hello
   * @param {Record<string, (told: any) => void>} on the page's own: `session`, `no_session`, `minutes`, `waiting`, `list`, `open`
   * @param {{devices?: boolean}} [options] a recorder needs no camera
   */
  constructor(hello, on, { devices = true } = {}) {
    this.#on = on;
    this.#wantsDevices = devices;
    this.signaling = new Signaling(hello, {
      ...on,
      welcome: ({ you }) => { this.seat = you.seat; },
      relays: (/** @type {any} */ told) => { this.peer.relays = told; },
      session: (told) => this.#told(told),
      speaking: ({ seats }) => this.#stage.mark(seats),
      reconnect_media: () => this.peer.renew(),
      open: () => { this.#reconnecting = false; on.open?.({}); if (this.peer.state === "connecting") this.peer.mend(); this.show(); },
      lost: () => { this.#reconnecting = true; this.show(); },
      end: ({ code }) => this.#ended(code),
    });
    this.peer = new Peer(this.signaling, () => this.show(), { listens: !devices });
    byId("again").addEventListener("click", () => this.openDevices());
    setInterval(() => this.#recording(), 1000);
  }

  /** Open the devices and connect; both at once. */
  async start() {
    this.signaling.connect();
    if (!this.#wantsDevices) return;
    await this.openDevices();
    watchDevices(() => this.stream.getTracks().some((track) => track.readyState === "ended") && this.openDevices());
  }

  /** Try camera and microphone (again). */
  async openDevices() {
    const { stream, problem } = await openDevices();
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = stream;
    for (const id of ["mirror", "self"]) {
      const video = document.getElementById(id);
      if (video instanceof HTMLVideoElement) video.srcObject = stream;
    }
    this.problem(problem ? word(problem) : "", problem !== "");
    this.switches.use(stream);
    await this.peer.use(stream);
    this.#tellSwitches();
    this.#on.devices?.({ problem });
  }

  /** @param {string} text what is wrong; nothing takes it away @param {boolean} [again] whether trying again may help */
  problem(text, again = false) {
    const place = byId("problem");
    /** @type {HTMLElement} */ (place.querySelector("span")).textContent = text;
    show(place, text !== "");
    show("again", again);
  }

  /**
   * Send, and say what is wrong in plain words. @param {string} type @param {Record<string, any>} [fields]
   * @returns {Promise<Record<string, any>|null>} the answer, or nothing when it was refused
   */
  async ask(type, fields = {}) {
    try {
      const answer = await this.signaling.send(type, fields);
      this.problem("");
      return answer;
    } catch (error) {
      this.problem(error instanceof Error && "code" in error ? error.message : word("not_sent"));
      return null;
    }
  }

  /** @param {Record<string, any>} session */
  #told(session) {
    if (!this.session && this.#wantsDevices) setTimeout(() => this.#tellSwitches());
    this.session = session;
    if (LIVE.has(session.phase)) {
      const own = session.participants.find((/** @type {any} */ one) => one.seat === this.seat);
      this.peer.want(session.slots.length);
      if (own) this.peer.judged(own.link);
    } else this.peer.close();
    this.switches.pause(session.paused);
    this.#on.session?.(session);
    this.show();
  }

  /** Switch our own sound or picture. @param {"audio"|"video"} kind */
  toggle(kind) {
    this.switches.toggle(kind);
    this.#tellSwitches();
  }

  #tellSwitches() {
    if (this.session) this.signaling.send("switches", this.switches.told).catch(() => {});
  }

  /** Draw who is seen and how things stand. */
  show() {
    const [key, kind] = stateOf({ open: this.signaling.open && !this.#reconnecting, peer: this.peer.state, session: this.session, seat: this.seat });
    const place = byId("state");
    place.textContent = word(key);
    place.className = `notice ${kind}`;
    place.dataset.state = key;
    show(place, this.session !== null || key === "reconnecting");
    if (this.session) this.#stage.show(this.session, this.seat, this.peer.streams);
    this.#recording();
  }

  #recording() {
    if (!this.session) return;
    const { consent, on, since } = this.session.recording;
    const place = byId("recording");
    place.classList.toggle("on", on);
    const lasted = since ? ` ${length((Date.now() - Date.parse(since)) / 1000)}` : "";
    place.textContent = on ? `● ${word("recording")}${lasted}` : word(consent ? "recording_off" : "no_consent");
  }

  /** @param {number} code */
  #ended(code) {
    this.peer.close();
    this.problem(code === 4001 ? word("replaced") : code === 4002 ? word("signed_out") : "");
    this.#on.end?.({ code });
  }
}
