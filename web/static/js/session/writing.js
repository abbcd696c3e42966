/** Writing minutes and promises. A line is kept here until the server has it, also over a reload and a power cut. */

import { Kept } from "./kept.js";
import { drawLines, drawPromises } from "./lines.js";
import { byId, freshKey, made, show, word } from "./words.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {{key: string, speaker: string, text: string}} Line */

export class Writing {
  #talk;
  /** @type {Line[]} */
  #unsent = [];
  #token = "";
  /** @type {Record<string, any>} */
  #told = { lines: [], follow_ups: [] };
  #text = /** @type {HTMLTextAreaElement} */ (byId("text"));
  #promiseLine = /** @type {HTMLInputElement} */ (byId("promise-line"));
  #kept = new Kept(byId("promise-form"));

  /** @param {Conversation} talk */
  constructor(talk) {
    this.#talk = talk;
    byId("line").addEventListener("submit", (event) => { event.preventDefault(); this.#write(); });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#write();
    });
    this.#text.addEventListener("input", () => localStorage.setItem(`text ${this.#token}`, this.#text.value));
    byId("promise").addEventListener("click", () => this.#openPromise());
    byId("promise-form").addEventListener("submit", (event) => { event.preventDefault(); this.#promise(); });
    for (const one of document.querySelectorAll("[data-due]"))
      one.addEventListener("click", () => { /** @type {HTMLInputElement} */ (byId("due")).value = /** @type {HTMLElement} */ (one).dataset.due ?? ""; });
    this.show(this.#told);
    for (const one of document.querySelectorAll("form [data-close]")) one.addEventListener("click", () => show(/** @type {HTMLElement} */ (one.closest("form")), false));
  }

  /** @param {Record<string, any>} session */
  phase({ phase, token }) {
    if (token !== this.#token) {
      this.#token = token;
      this.#unsent = JSON.parse(localStorage.getItem(`unsent ${token}`) ?? "[]");
      this.#text.value = localStorage.getItem(`text ${token}`) ?? "";
      show("promise-form", this.#kept.restore(token));
      this.resend();
    }
    if (phase === "over") localStorage.removeItem(`text ${token}`);
    show("line", phase === "talk");
    if (phase !== "talk") show("promise-form", false);
    this.show(phase === "over" ? { lines: [], follow_ups: [] } : this.#told);
  }

  /** @param {Record<string, any>} told */
  show(told) {
    this.#told = told;
    const kept = new Set(told.lines.map((/** @type {any} */ one) => one.key));
    this.#unsent = this.#unsent.filter((one) => !kept.has(one.key));
    drawLines([...told.lines, ...this.#unsent], (line) => [made("p", line.line ? this.#answered(line) : word("saving"), "quiet")]);
    show("promised-title", told.follow_ups.length > 0);
    drawPromises(told.follow_ups, (one) => (this.#talk.session?.phase === "talk" ? [this.#withdraw(one.key)] : []));
  }

  /** @param {Record<string, any>} line @returns {string} */
  #answered(line) {
    return this.#talk.session?.phase === "talk" ? "" : word(line.read_back);
  }

  /** Send what did not get through. */
  async resend() {
    for (const line of [...this.#unsent]) await this.#send(line);
  }

  switchSpeaker() {
    const all = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=speaker]"));
    const now = [...all].findIndex((one) => one.checked);
    all[(now + 1) % all.length].checked = true;
    this.#text.focus();
  }

  #write() {
    const text = this.#text.value.trim();
    if (!text) return;
    const chosen = /** @type {HTMLInputElement} */ (document.querySelector("input[name=speaker]:checked"));
    const line = { key: freshKey(), speaker: chosen.value, text };
    this.#unsent.push(line);
    this.#text.value = "";
    localStorage.removeItem(`text ${this.#token}`);
    this.show(this.#told);
    this.#send(line);
  }

  /** @param {Line} line */
  async #send(line) {
    localStorage.setItem(`unsent ${this.#token}`, JSON.stringify(this.#unsent));
    if (await this.#talk.ask("write_line", line)) {
      this.#unsent = this.#unsent.filter((one) => one.key !== line.key);
      localStorage.setItem(`unsent ${this.#token}`, JSON.stringify(this.#unsent));
    }
  }

  #openPromise() {
    const last = [...this.#told.lines, ...this.#unsent].pop();
    const what = /** @type {HTMLTextAreaElement} */ (byId("what"));
    what.value = this.#text.value.trim() || last?.text || "";
    this.#promiseLine.value = this.#text.value.trim() ? "" : (last?.key ?? "");
    show("promise-form", true);
    what.focus();
  }

  async #promise() {
    const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id)).value;
    const fields = { key: freshKey(), what: value("what"), unit: Number(value("promise-unit")), person: value("person"), due_on: value("due") };
    if (await this.#talk.ask("promise", value("promise-line") ? { ...fields, line_key: value("promise-line") } : fields)) {
      this.#kept.forget();
      show("promise-form", false);
      this.#text.focus();
    }
  }

  /** @param {string} key @returns {HTMLElement} */
  #withdraw(key) {
    const button = made("button", byId("promises").dataset.withdraw ?? "", "plain");
    button.addEventListener("click", () => this.#talk.ask("withdraw_promise", { key }));
    return button;
  }
}
