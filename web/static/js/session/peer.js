/**
 * The connection to the media engine. Only the browser offers. What was cut is kept, for its line may return, and ICE is
 * restarted; what does not come back by that is made anew in the same seat.
 */
import { addPairs, incoming, send } from "./pairs.js";
import { configurationBy } from "./relays.js";

const SETTLE = 2500;
const LONGEST = 10_000;
const GIVE_UP = 8000;
const YOUNG = 1000;
const MAX_PAIRS = 5;

export class Peer {
  /** How the engine is reached, from the next connection or ICE on. @type {import("./relays.js").Relays|undefined} */
  relays;
  #signaling;
  #changed;
  #listens;
  /** @type {RTCPeerConnection|null} */
  #connection = null;
  /** @type {MediaStream} */
  #stream = new MediaStream();
  #pairs = 1;
  #wanted = false;
  #offering = false;
  #generation = 0;
  #patience = SETTLE;
  #reached = false;
  #link = "";
  #heard = true;
  #mended = 0;
  #answered = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{open: boolean, send: (type: string, fields: {sdp: string}) => Promise<Record<string, any>>}} signaling
   * @param {() => void} changed called whenever `state` or `streams` may differ
   * @param {{listens?: boolean}} [options] whether we are to be neither seen nor heard
   */
  constructor(signaling, changed, { listens = false } = {}) {
    this.#signaling = signaling;
    this.#changed = changed;
    this.#listens = listens;
  }

  /** @returns {"idle"|"connecting"|"connected"} */
  get state() {
    if (!this.#wanted) return "idle";
    return this.#connection?.connectionState === "connected" ? "connected" : "connecting";
  }

  /** What comes in, by pair; each has one sound and one picture. */
  get streams() {
    return this.#connection ? incoming(this.#connection) : [];
  }

  /** @param {MediaStream} stream what we send */
  async use(stream) {
    this.#stream = stream;
    if (this.#connection) await send(this.#connection, stream);
  }

  /** Connect, or see that there are enough pairs. @param {number} others how many are to be received */
  want(others) {
    const before = this.#pairs;
    this.#pairs = Math.min(MAX_PAIRS, Math.max(before, others));
    if (!this.#wanted) this.renew();
    else if (this.#pairs > before && this.#connection && !this.#offering) this.#offer(this.#connection);
  }

  /** What the engine says of our seat, which may differ from what we think, or be older. @param {string} link */
  judged(link) {
    [this.#link, this.#heard] = [link, !["absent", "lost", "connecting"].includes(link)];
    if (this.#heard) this.#mended = 0;
    else if (this.#reached && link !== "connecting") Date.now() - this.#answered < YOUNG ? this.#watch() : this.mend();
  }

  /** Bring back what was cut; nothing is dropped while no offer could be sent, or the last try is young. */
  mend() {
    const connection = this.#connection;
    if (!connection || this.#offering || !this.#signaling.open || Date.now() - this.#mended < GIVE_UP) return this.#watch();
    if (this.#link === "absent" || this.#mended || !this.#reached) return this.renew();
    this.#mended = Date.now();
    connection.setConfiguration(configurationBy(this.relays));
    connection.restartIce();
    this.#offer(connection);
  }

  /** Make the connection anew. */
  renew() {
    this.#wanted = true;
    this.#drop();
    [this.#reached, this.#mended] = [false, 0];
    const connection = (this.#connection = new RTCPeerConnection(configurationBy(this.relays)));
    connection.onconnectionstatechange = () => this.#connection === connection && this.#stateChanged();
    this.#offer(connection);
  }

  /** Hang up. */
  close() {
    this.#wanted = false;
    this.#drop();
    this.#changed();
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#generation++;
    this.#offering = false;
    this.#connection?.close();
    this.#connection = null;
  }

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    const generation = this.#generation;
    this.#offering = true;
    this.#watch();
    addPairs(connection, this.#pairs, this.#stream, this.#listens);
    try {
      await connection.setLocalDescription(await connection.createOffer());
      const { sdp } = await this.#signaling.send("offer", { sdp: connection.localDescription?.sdp ?? "" });
      if (generation !== this.#generation) return;
      await connection.setRemoteDescription({ type: "answer", sdp });
      [this.#offering, this.#answered] = [false, Date.now()];
      this.#changed();
      if (connection.getTransceivers().length / 2 < this.#pairs) this.#offer(connection);
    } catch {
      if (generation === this.#generation) this.#offering = false;
    }
  }

  #stateChanged() {
    this.#changed();
    if (this.state === "connected") [this.#reached, this.#mended, this.#patience] = [true, this.#heard ? 0 : this.#mended, SETTLE];
    else if (this.#connection?.connectionState === "failed" && this.#signaling.open) this.renew();
    else this.#watch();
  }

  /** Try again as long as it is not connected, or the engine does not hear us. The way by a relay takes ten round trips. */
  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#reached && this.#connection?.remoteDescription) this.#patience = Math.min(LONGEST, this.#patience * 2);
      if (this.#wanted && !(this.state === "connected" && this.#heard)) this.mend();
    }, this.#patience * (0.8 + 0.4 * Math.random()));
  }
}
