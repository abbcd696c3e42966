/** The visitor's page: waiting, talking, reading back, signing. */

import { ring, speak } from "./bell.js";
import { Conversation } from "./conversation.js";
import { bindPaper, bindPause, bindSwitches, said } from "./controls.js";
import { drawLines, drawPromises } from "./lines.js";
import { ReadBack } from "./read_back.js";
import { byId, clock, filled, show, word } from "./words.js";

const SECTIONS = ["waiting", "talk", "read-back", "sign", "over"];
/** Of somebody who sits here, and whose reception is not today any more. */
const CHANGED = new Set(["booked", "waitlisted", "cancelled"]);
const TURN_SECONDS = 10;
let called = false;
let leaving = false;

const talk = new Conversation({ place: "talk", booking: document.body.dataset.booking }, { session, waiting, minutes });
const readBack = new ReadBack(talk);
const drawSwitches = bindSwitches(talk);
const drawPause = bindPause(talk);
bindPaper(talk, () => ({ video: /** @type {HTMLVideoElement} */ (byId("self")), track: talk.stream.getVideoTracks()[0] }));
byId("ready").addEventListener("click", () => show("turn", false));
byId("ask-end").addEventListener("click", async () => {
  if (await talk.ask("ask_to_end")) said(word("ask_end_done"));
});
document.querySelector('form[action="/kiosk/help"]')?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await talk.ask("call_help")) said(word("help_called"));
});
talk.start();

/** @param {string} name */
function only(name) {
  for (const section of SECTIONS) show(section, section === name);
}

/** @param {Record<string, any>} told */
function waiting(told) {
  only("waiting");
  const { dataset } = byId("ahead");
  const text = { ...dataset, waiting: told.ahead ? dataset.many : dataset.next }[/** @type {string} */ (told.state)];
  byId("ahead").textContent = filled(text ?? "", { n: told.ahead });
  drawWait(told);
  show("check-in-again", told.state === "absent");
  show("changed", CHANGED.has(told.state));
  byId("whom").textContent = filled(byId("whom").dataset.text ?? "", { official: `${told.official_post} ${told.official}` });
  show("state", false);
}

/** A range in words, when to be back, and why here; no range where it would be a guess. @param {Record<string, any>} told */
function drawWait({ state, wait, back_at, reason }) {
  const place = byId("wait");
  show(place, state === "waiting");
  const text = !wait ? place.dataset.unsure : wait[0] > 0 ? place.dataset.range : place.dataset.within;
  place.textContent = filled(text ?? "", { from: wait?.[0] ?? "", to: wait?.[1] ?? "" });
  show("back", state === "waiting" && Boolean(back_at));
  byId("back").textContent = back_at ? filled(byId("back").dataset.text ?? "", { time: clock(back_at) }) : "";
  byId("why").textContent = state === "waiting" ? reason : "";
}

/** @param {Record<string, any>} told */
function session(told) {
  if (told.phase === "talk") {
    if (!byId("waiting").hidden) yourTurn();
    only("talk");
  } else if (told.phase === "read_back") readBack.open(only);
  else only("over");
  drawSwitches();
  drawPause();
  if (told.phase === "over") leave();
}

/** To the slip, once: the end is told more than once, and going again would stop the first going. */
function leave() {
  if (leaving) return;
  leaving = true;
  location.assign(/** @type {HTMLAnchorElement} */ (byId("slip")).href);
}

/** It rings, a voice says it, and nothing hurries. */
function yourTurn() {
  if (called) return;
  called = true;
  show("turn", true);
  byId("ready").focus();
  ring();
  speak(byId("turn-title").textContent ?? "");
  let left = TURN_SECONDS;
  const tick = setInterval(() => {
    byId("seconds").textContent = String(--left);
    if (left > 0 && !byId("turn").hidden) return;
    clearInterval(tick);
    show("turn", false);
  }, 1000);
  byId("seconds").textContent = String(left);
}

/** @param {Record<string, any>} told */
function minutes(told) {
  drawLines(told.lines);
  drawPromises(told.follow_ups);
  readBack.lines(told.lines);
}
