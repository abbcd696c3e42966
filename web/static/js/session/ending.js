/** No talk ends without an outcome; then the visitor reads and signs. */

import { Kept } from "./kept.js";
import { byId, show } from "./words.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

export class Ending {
  #talk;
  #token = "";
  #kept = /** @type {Record<string, Kept>} */ ({ ending: new Kept(byId("ending")), unsigned: new Kept(byId("unsigned")) });

  /** @param {Conversation} talk */
  constructor(talk) {
    this.#talk = talk;
    for (const one of document.querySelectorAll("input[name=outcome]")) one.addEventListener("change", () => this.#chosen());
    byId("ending").addEventListener("submit", (event) => { event.preventDefault(); this.#end(); });
    byId("unsigned").addEventListener("submit", (event) => { event.preventDefault(); this.#close(); });
  }

  /** @param {Record<string, any>} session */
  phase({ phase, token }) {
    if (token !== this.#token) this.#begin(token);
    if (phase !== "talk") show("ending", false);
    show("unsigned", phase === "read_back");
    show("end", phase === "talk");
    show("invite", phase === "talk");
    show("pause", phase === "talk");
  }

  /** Another talk: its forms are as they were left. @param {string} token */
  #begin(token) {
    this.#token = token;
    for (const id of ["ending", "unsigned"]) /** @type {HTMLFormElement} */ (byId(id)).reset();
    show("ending", this.#kept.ending.restore(token));
    /** @type {HTMLDetailsElement} */ (byId("unsigned").querySelector("details")).open = this.#kept.unsigned.restore(token);
    this.#chosen();
  }

  open() {
    show("ending", true);
    byId("ending").scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement} */ (document.querySelector("input[name=outcome]")).focus();
  }

  get #outcome() {
    return /** @type {HTMLInputElement|null} */ (document.querySelector("input[name=outcome]:checked"));
  }

  #chosen() {
    show("given", this.#outcome?.dataset.unit === "yes");
    show("handed", this.#outcome?.dataset.official === "yes");
  }

  async #end() {
    const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id)).value;
    const fields = /** @type {Record<string, any>} */ ({ outcome: this.#outcome?.value ?? "", opinion: value("opinion") });
    if (!byId("given").hidden) {
      if (value("end-unit")) fields.unit = Number(value("end-unit"));
      if (value("end-due")) fields.due_on = value("end-due");
    }
    if (!byId("handed").hidden && value("end-official")) fields.official = Number(value("end-official"));
    await this.#try("ending", "end", fields);
  }

  async #close() {
    await this.#try("unsigned", "close_unsigned", { reason: /** @type {HTMLTextAreaElement} */ (byId("reason")).value });
  }

  /** @param {string} form @param {string} type @param {Record<string, any>} fields */
  async #try(form, type, fields) {
    const wrong = /** @type {HTMLElement} */ (byId(form).querySelector("[role=alert]"));
    try {
      await this.#talk.signaling.send(type, fields);
      show(wrong, false);
      this.#kept[form].forget();
      /** @type {HTMLFormElement} */ (byId(form)).reset();
      this.#chosen();
    } catch (error) {
      wrong.textContent = error instanceof Error ? error.message : "";
      show(wrong, true);
    }
  }
}
