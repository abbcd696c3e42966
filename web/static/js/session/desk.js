/** The official's desk: list, talk, minutes. Everything can be done by keyboard. */

import { bindPaper, bindPause, bindSwitches } from "./controls.js";
import { Conversation } from "./conversation.js";
import { Ending } from "./ending.js";
import { List } from "./list.js";
import { bindInvitation, drawPapers } from "./table.js";
import { byId, show } from "./words.js";
import { Writing } from "./writing.js";

const { official, own } = document.body.dataset;
const talk = new Conversation(
  { place: "desk", official: Number(official) },
  { list: (told) => list.show(told), session, minutes: (told) => writing.show(told), open: () => writing.resend() },
  { devices: own === "yes" },
);
const list = new List(talk);
const writing = new Writing(talk);
const ending = new Ending(talk);
const draws = [bindSwitches(talk), bindPause(talk)];
const others = () => /** @type {HTMLVideoElement|null} */ (document.querySelector('.other[data-seat="petitioner"] video'));
bindPaper(talk, () => ({ video: others() }));
bindInvitation(talk);
byId("restart").addEventListener("click", () => talk.ask("restart_recording"));
byId("end").addEventListener("click", () => ending.open());
document.addEventListener("keydown", keys);
talk.start();

/** @param {Record<string, any>} told */
function session(told) {
  const running = told.phase !== "over";
  if (!running) talk.session = null;
  show("talk", running);
  show("idle", !running);
  show("state", running);
  byId("who").textContent = `${told.petitioner} · ${told.matter}`;
  show("wish", running && told.wishes_to_end);
  show("doubt", running && told.recording.alarm !== null);
  drawPapers(told.papers);
  writing.phase(told);
  ending.phase(told);
  for (const draw of draws) draw();
}

/** One key for each button that shows it, unless somebody is writing; Escape leaves the writing. @param {KeyboardEvent} event */
function keys(event) {
  const writes = event.target instanceof HTMLElement && event.target.matches("input:not([type=radio]), textarea, select");
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const pressed = event.key.toUpperCase();
  if (writes && event.key === "Escape") return /** @type {HTMLElement} */ (event.target).blur();
  if (writes && !pressed.startsWith("F")) return;
  if (writes && pressed.length === 1) return;
  for (const key of document.querySelectorAll("button kbd")) {
    const button = key.closest("button");
    if (key.textContent !== pressed || !button || button.disabled || !button.offsetParent) continue;
    event.preventDefault();
    button.click();
    return;
  }
  if (pressed === "F2") {
    event.preventDefault();
    writing.switchSpeaker();
  }
}
