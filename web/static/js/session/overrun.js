/** Those whose turn would come only after the day: told in one tap, and offered other times. */

import { byId, clock, made, show, word } from "./words.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

export class Overrun {
  /** @param {Conversation} talk */
  constructor(talk) {
    const button = /** @type {HTMLButtonElement} */ (byId("offer-times"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      await talk.ask("offer_times");
      button.disabled = false;
    });
  }

  /** After the entries are drawn. @param {{misses: {number: string, begins_at: string, told: boolean}[]}} told */
  show({ misses }) {
    const open = misses.filter((one) => !one.told).length;
    show("misses", misses.length > 0);
    show("offer-times", open > 0);
    /** @type {HTMLElement} */ (byId("misses").querySelector("p")).textContent = word(open ? "misses" : "misses_told", { n: open || misses.length });
    for (const one of misses) {
      const place = document.querySelector(`.entry[data-number="${one.number}"] .place`);
      place?.before(made("p", word("no_turn", { time: clock(one.begins_at) }), "tag caution"));
    }
  }
}
