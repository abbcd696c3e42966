/** What another official heard before passing a visitor on; and to whom one can be passed on now. */

import { byId, made, show, word } from "./words.js";

/** @param {HTMLElement} item an entry of the list @param {{official: string, reason: string, lines: {speaker: string, text: string}[]}|null} context */
export function drawContext(item, context) {
  const place = /** @type {HTMLDetailsElement} */ (item.querySelector(".context"));
  show(place, context !== null);
  if (!context) return;
  /** @type {HTMLElement} */ (place.querySelector("summary")).textContent = word("handed_over_by", { official: context.official });
  /** @type {HTMLElement} */ (place.querySelector("p")).textContent = context.reason;
  place.querySelector("ol")?.replaceChildren(...context.lines.map((one) => made("li", `${word(`speaker_${one.speaker}`)}${word("said")}${one.text}`)));
}

/** @param {{official: number, name: string, waiting: number}[]} receivers the choice stays as it was made */
export function drawReceivers(receivers) {
  const choice = /** @type {HTMLSelectElement} */ (byId("end-official"));
  const chosen = choice.value;
  const options = receivers.map((one) => Object.assign(document.createElement("option"), { value: String(one.official), textContent: word("receiver", { name: one.name, n: one.waiting }) }));
  choice.replaceChildren(/** @type {Node} */ (choice.options[0]), ...options);
  choice.value = options.some((one) => one.value === chosen) ? chosen : "";
}
