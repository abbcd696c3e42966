/** The live socket: one connection that comes back by itself. Knows nothing of the page (docs/protocol.md). */

const PING_EVERY = 5000;
const PATIENCE = 4000;
const FINAL = new Set([4000, 4001, 4002]);

/** @typedef {Record<string, any>} Told */

/** What the server refuses: `code` for machines, `message` for people, `field` for forms. */
export class Refusal extends Error {
  /** @param {Told} told */
  constructor(told) {
    super(told.message);
    this.code = told.code;
    this.field = told.field;
  }
}

export class Signaling {
  #hello;
  #on;
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {Map<string, {resolve: (told: Told) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #number = 0;
  #tries = 0;
  #ended = false;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #pinging;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #again;

  /**
   * @param {Told} hello what to say first
   * @param {Record<string, (told: Told) => void>} on by kind of message; also `open`, `lost` and `end` (with its code)
   */
  constructor(hello, on) {
    this.#hello = hello;
    this.#on = on;
    window.addEventListener("online", () => this.#connectNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.#connectNow());
  }

  /** Whether messages get through at this moment. */
  get open() {
    return this.#socket !== null && this.#socket.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.#again);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`, ["lianxin.v1"]);
    this.#socket = socket;
    const slow = setTimeout(() => socket.readyState === WebSocket.CONNECTING && this.#lost(socket), PATIENCE);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", id: "hello", version: 1, ...this.#hello }));
    socket.onmessage = (event) => this.#socket === socket && this.#take(JSON.parse(event.data));
    socket.onclose = (event) => {
      clearTimeout(slow);
      if (this.#socket === socket) FINAL.has(event.code) ? this.#end(event.code) : this.#lost(socket);
    };
  }

  /** Hang up for good. */
  close() {
    this.#end(1000);
  }

  /**
   * @param {string} type @param {Told} [fields]
   * @returns {Promise<Told>} the answer; rejects with a Refusal, or with an Error when it did not get through
   */
  send(type, fields = {}) {
    if (!this.open) return Promise.reject(new Error("not connected"));
    const id = String(++this.#number);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket?.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  #connectNow() {
    if (!this.#ended && !this.open && this.#socket?.readyState !== WebSocket.CONNECTING) this.connect();
  }

  /** @param {Told} told */
  #take(told) {
    if (told.type === "welcome") this.#welcomed();
    const waiting = told.reply_to ? this.#waiting.get(told.reply_to) : undefined;
    if (waiting) {
      this.#waiting.delete(told.reply_to);
      told.type === "error" ? waiting.reject(new Refusal(told)) : waiting.resolve(told);
    } else this.#on[told.type]?.(told);
  }

  #welcomed() {
    this.#tries = 0;
    clearInterval(this.#pinging);
    this.#pinging = setInterval(() => this.#ping(), PING_EVERY);
    this.#on.open?.({});
  }

  #ping() {
    const socket = this.#socket;
    const late = setTimeout(() => socket && this.#lost(socket), PATIENCE);
    this.send("ping").then(() => clearTimeout(late), () => clearTimeout(late));
  }

  #forget() {
    clearInterval(this.#pinging);
    for (const { reject } of this.#waiting.values()) reject(new Error("lost"));
    this.#waiting.clear();
  }

  /** @param {WebSocket} socket */
  #lost(socket) {
    if (this.#socket !== socket || this.#ended) return;
    this.#socket = null;
    socket.onclose = null;
    socket.close();
    this.#forget();
    this.#on.lost?.({});
    const wait = Math.min(3000, 150 * 2 ** this.#tries++) * (0.5 + Math.random());
    this.#again = setTimeout(() => this.connect(), wait);
  }

  /** @param {number} code */
  #end(code) {
    this.#ended = true;
    clearTimeout(this.#again);
    this.#forget();
    this.#socket?.close();
    this.#socket = null;
    this.#on.end?.({ code });
  }
}
