/** The labelled controls that never hide. */

import { photograph } from "./devices.js";
import { byId, word } from "./words.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

/** @param {string} id @param {string} text @param {boolean} pressed @param {boolean} unusual drawn so that it is noticed */
function label(id, text, pressed, unusual) {
  const button = byId(id);
  button.classList.toggle("unusual", unusual);
  /** @type {HTMLElement} */ (button.querySelector("span")).textContent = text;
  button.setAttribute("aria-pressed", String(pressed));
}

/** Microphone and camera. @param {Conversation} talk @returns {() => void} draws them */
export function bindSwitches(talk) {
  const draw = () => {
    label("microphone", word(talk.switches.isOn("audio") ? "microphone_on" : "microphone_off"), talk.switches.isOn("audio"), !talk.switches.isOn("audio"));
    label("camera", word(talk.switches.isOn("video") ? "camera_on" : "camera_off"), talk.switches.isOn("video"), !talk.switches.isOn("video"));
  };
  byId("microphone").addEventListener("click", () => { talk.toggle("audio"); draw(); });
  byId("camera").addEventListener("click", () => { talk.toggle("video"); draw(); });
  return draw;
}

/** @param {Conversation} talk @returns {() => void} draws it */
export function bindPause(talk) {
  byId("pause").addEventListener("click", () => talk.ask(talk.session?.paused ? "resume" : "pause"));
  return () => label("pause", word(talk.session?.paused ? "resume" : "pause"), Boolean(talk.session?.paused), Boolean(talk.session?.paused));
}

/**
 * Photograph a paper: from our own camera, or from what the other side shows.
 * @param {Conversation} talk @param {() => {video: HTMLVideoElement|null, track?: MediaStreamTrack}} source
 */
export function bindPaper(talk, source) {
  byId("paper").addEventListener("click", async () => {
    const { video, track } = source();
    if (!video || !video.videoWidth || !talk.session) return talk.problem(word("camera_missing"));
    const form = new FormData();
    form.append("paper", await photograph(video, track), "paper.jpg");
    const answer = await fetch(`/live/${talk.session.token}/papers`, { method: "POST", body: form, headers: { accept: "application/json" } }).catch(() => null);
    const refused = answer && !answer.ok ? (await answer.json()).error.message : "";
    if (answer?.ok) said(word("paper_kept"));
    else talk.problem(refused || word("not_sent"));
  });
}

/** Say something for a few seconds beside what is always there. @param {string} text */
export function said(text) {
  const place = document.createElement("p");
  place.className = "said";
  place.setAttribute("role", "status");
  place.textContent = text;
  document.body.append(place);
  setTimeout(() => place.remove(), 4000);
}
