/**
 * The connection to the media engine. Only the browser offers; a broken connection is made anew in the same seat.
 * Pair 0 sends our own picture and sound and receives the first other; further pairs receive further others.
 */

import { configurationBy } from "./relays.js";

const SETTLE = 2500;
const LONGEST = 10_000;
const MAX_PAIRS = 5;

export class Peer {
  /** How the engine is reached, from the next connection on. @type {import("./relays.js").Relays|undefined} */
  relays;
  #send;
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
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {(sdp: string) => Promise<string>} send passes an offer on and gives the answer
   * @param {() => void} changed called whenever `state` or `streams` may differ
   * @param {{listens?: boolean}} [options] whether we are to be neither seen nor heard
   */
  constructor(send, changed, { listens = false } = {}) {
    this.#send = send;
    this.#changed = changed;
    this.#listens = listens;
  }

  /** @returns {"idle"|"connecting"|"connected"} */
  get state() {
    if (!this.#wanted) return "idle";
    return this.#connection?.connectionState === "connected" ? "connected" : "connecting";
  }

  /** The connection itself, for measuring. */
  get connection() {
    return this.#connection;
  }

  /** @returns {MediaStream[]} what comes in, by pair; each has one sound and one picture */
  get streams() {
    const tracks = (this.#connection?.getTransceivers() ?? []).map((one) => one.receiver.track);
    const sounds = tracks.filter((track) => track.kind === "audio");
    return tracks.filter((track) => track.kind === "video").map((track, pair) => new MediaStream([sounds[pair], track]));
  }

  /** @param {MediaStream} stream what we send */
  async use(stream) {
    this.#stream = stream;
    for (const one of this.#connection?.getTransceivers().slice(0, 2) ?? []) {
      const track = stream.getTracks().find((each) => each.kind === one.receiver.track.kind) ?? null;
      await one.sender.replaceTrack(track);
    }
  }

  /** Connect, or see that there are enough pairs. @param {number} others how many are to be received */
  want(others) {
    const pairs = Math.min(MAX_PAIRS, Math.max(1, others));
    const more = pairs > this.#pairs;
    this.#pairs = Math.max(pairs, this.#pairs);
    if (!this.#wanted) this.renew();
    else if (more) this.#grow();
  }

  /** Make the connection anew. */
  renew() {
    this.#wanted = true;
    this.#drop();
    const connection = (this.#connection = new RTCPeerConnection(configurationBy(this.relays)));
    connection.onconnectionstatechange = () => this.#connection === connection && this.#stateChanged();
    for (let pair = 0; pair < this.#pairs; pair++) this.#addPair(connection, pair);
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

  /** @param {RTCPeerConnection} connection @param {number} pair */
  #addPair(connection, pair) {
    for (const kind of ["audio", "video"]) {
      const track = pair === 0 ? this.#stream.getTracks().find((one) => one.kind === kind) : undefined;
      connection.addTransceiver(track ?? kind, { direction: pair === 0 && !this.#listens ? "sendrecv" : "recvonly", streams: [this.#stream] });
    }
  }

  #grow() {
    const connection = this.#connection;
    if (!connection || this.#offering) return;
    for (let pair = connection.getTransceivers().length / 2; pair < this.#pairs; pair++) this.#addPair(connection, pair);
    this.#offer(connection);
  }

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    const generation = this.#generation;
    this.#offering = true;
    this.#watch();
    try {
      await connection.setLocalDescription(await connection.createOffer());
      const sdp = await this.#send(connection.localDescription?.sdp ?? "");
      if (generation !== this.#generation) return;
      await connection.setRemoteDescription({ type: "answer", sdp });
      this.#offering = false;
      this.#changed();
      if (connection.getTransceivers().length / 2 < this.#pairs) this.#grow();
    } catch {
      if (generation === this.#generation) this.#offering = false;
    }
  }

  #stateChanged() {
    this.#changed();
    if (this.state === "connected") this.#patience = SETTLE;
    else if (this.#connection?.connectionState === "failed") this.renew();
    else this.#watch();
  }

  /** Try again as long as it is not connected; with more patience where it was under way, for a relay takes ten round trips. */
  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#connection?.connectionState === "connecting") this.#patience = Math.min(LONGEST, this.#patience * 2);
      if (this.#wanted && this.state !== "connected") this.renew();
    }, this.#patience * (0.8 + 0.4 * Math.random()));
  }
}
