/** What lies on the desk's table: papers, and a seat for somebody who is called in. */

import { said } from "./controls.js";
import { byId, show } from "./words.js";

/** @param {string[]} papers addresses */
export function drawPapers(papers) {
  const list = byId("papers");
  if (list.children.length === papers.length) return;
  list.replaceChildren(
    ...papers.map((address) => {
      const [item, link, image] = [document.createElement("li"), document.createElement("a"), document.createElement("img")];
      Object.assign(link, { href: address, target: "_blank" });
      Object.assign(image, { src: address, alt: "" });
      link.append(image);
      item.append(link);
      return item;
    }),
  );
}

/** @param {import("./conversation.js").Conversation} talk */
export function bindInvitation(talk) {
  const form = byId("invitation");
  byId("invite").addEventListener("click", () => {
    /** @type {HTMLFormElement} */ (form).reset();
    show(form, true);
    show("inviting", true);
    show("invited", false);
    byId("guest-name").focus();
  });
  show("copy", Boolean(navigator.clipboard));
  byId("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("invited").querySelector("strong")?.textContent ?? "");
    said(byId("copy").dataset.done ?? "");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id)).value;
    const answer = await talk.ask("invite", { role: value("guest-role"), name: value("guest-name") });
    if (!answer) return;
    const shown = byId("invited");
    /** @type {HTMLElement} */ (shown.querySelector("strong")).textContent = `${location.origin}${answer.address}`;
    show(shown, true);
    show("inviting", false);
  });
}
