/** Line by line: is this right? Then the signature. What was answered is kept by the server. */

import { speak } from "./bell.js";
import { Kept } from "./kept.js";
import { Pad } from "./signature.js";
import { byId, filled, show, word } from "./words.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

export class ReadBack {
  #talk;
  /** @type {Record<string, any>[]} */
  #lines = [];
  #again = -1;
  #signer = "petitioner";
  #pad = new Pad(/** @type {HTMLCanvasElement} */ (byId("pad")));
  /** @type {((name: string) => void)|null} */
  #only = null;
  #read = 0;
  #kept = new Kept(byId("objection"));

  /** @param {Conversation} talk */
  constructor(talk) {
    this.#talk = talk;
    byId("right").addEventListener("click", () => this.#confirm());
    byId("wrong").addEventListener("click", () => this.#objecting(true));
    byId("objection-back").addEventListener("click", () => this.#objecting(false));
    byId("objection").addEventListener("submit", (event) => this.#object(event));
    byId("anew").addEventListener("click", () => this.#pad.clear());
    byId("witness").addEventListener("click", () => this.#sign("witness"));
    byId("signed").addEventListener("click", () => this.#signed());
    byId("read-again").addEventListener("click", () => { this.#again = 0; this.#draw(); });
  }

  /** @param {(name: string) => void} only shows one section */
  open(only) {
    this.#only = only;
    this.#draw();
  }

  /** @param {Record<string, any>[]} lines */
  lines(lines) {
    this.#lines = lines;
    if (this.#only) this.#draw();
  }

  get #line() {
    return this.#again >= 0 ? this.#lines[this.#again] : this.#lines.find((one) => one.read_back === "pending");
  }

  #draw() {
    const line = this.#line;
    this.#only?.(line ? "read-back" : "sign");
    if (!line) return this.#pad.fit();
    const place = byId("read-place");
    place.textContent = filled(place.dataset.text ?? "", { n: this.#lines.indexOf(line) + 1, all: this.#lines.length });
    /** @type {HTMLElement} */ (document.querySelector("#read-line .speaker")).textContent = word(line.speaker);
    /** @type {HTMLElement} */ (document.querySelector("#read-line .text")).textContent = line.text;
    if (this.#read === line.line) return;
    this.#read = line.line;
    this.#objecting(this.#kept.restore(`${this.#talk.session?.token} ${line.line}`));
    speak(`${word(line.speaker)}。${line.text}`);
  }

  #next() {
    if (this.#again >= 0) this.#again = this.#again + 1 < this.#lines.length ? this.#again + 1 : -1;
    this.#kept.forget();
    this.#objecting(false);
    this.#draw();
  }

  async #confirm() {
    const line = this.#line;
    if (line && (await this.#talk.ask("confirm_line", { line: line.line }))) this.#next();
  }

  /** @param {boolean} open */
  #objecting(open) {
    show("objection", open);
    show("read-answers", !open);
    const text = /** @type {HTMLTextAreaElement} */ (byId("objection-text"));
    if (open) text.focus();
    else text.value = "";
  }

  /** @param {Event} event */
  async #object(event) {
    event.preventDefault();
    const [line, text] = [this.#line, /** @type {HTMLTextAreaElement} */ (byId("objection-text")).value];
    if (line && (await this.#talk.ask("object_line", { line: line.line, text }))) this.#next();
  }

  /** @param {"petitioner"|"witness"} signer */
  #sign(signer) {
    this.#signer = signer;
    this.#pad.clear();
    const title = /** @type {HTMLElement} */ (document.querySelector("#sign h1"));
    title.textContent = title.dataset[signer] ?? "";
    show("witness", signer === "petitioner");
  }

  async #signed() {
    const signer = this.#signer;
    const answer = await this.#talk.ask("sign", { role: signer, path: this.#pad.path });
    if (answer && signer === "witness") {
      this.#sign("petitioner");
      show("witness", false);
    }
  }
}
