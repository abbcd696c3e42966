/** The review page: recordings, timeline, lines and keys on one clock. */

import { MasterClock } from "./clock.js";
import { bindArrows, bindButtons } from "./controls.js";
import { lightLines } from "./lines.js";
import { bindSkipping } from "./skipping.js";
import { bindTimeline } from "./timeline.js";

const TICK_MS = 50;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const page = /** @type {HTMLElement} */ (document.querySelector("main.review"));
const videos = [.../** @type {NodeListOf<HTMLVideoElement>} */ (document.querySelectorAll("#seats video"))];
const sources = videos.map((video) => ({
  video,
  offset: Number(video.dataset.offset),
  duration: Number(video.dataset.duration),
}));
const clock = new MasterClock(sources, Number(page.dataset.length) / 1000);

/** Of a seat with several files the one that plays now is shown. */
function showCurrentFiles() {
  for (const { video, offset, duration } of sources) {
    const seat = /** @type {HTMLElement} */ (video.parentElement);
    const due = clock.position >= offset && clock.position < offset + duration;
    seat.classList.toggle("away", !due && seat.querySelectorAll("video").length === 1);
    if (due && video.hidden) {
      for (const other of seat.querySelectorAll("video")) other.hidden = other !== video;
    }
  }
}

/** A file that was changed on the disk ends there; that is said in its place. @param {HTMLVideoElement} video */
function tellWhenBroken(video) {
  const told = /** @type {HTMLElement} */ (video.parentElement?.querySelector("[role=alert]"));
  const tell = () => (told.hidden = false);
  video.addEventListener("error", tell);
  if (video.error !== null) tell();
}

videos.forEach(tellWhenBroken);
bindButtons(clock);
bindArrows(clock);
bindSkipping(/** @type {HTMLButtonElement} */ (element("skip")), clock);
bindTimeline(element("timeline"), clock);
lightLines(element("lines"), clock);
clock.addEventListener("tick", showCurrentFiles);
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target).closest("[data-seek]");
  if (target === null || target.closest("svg") || target.getAttribute("data-seek") === "") return;
  clock.seek(Number(target.getAttribute("data-seek")) / 1000);
});
setInterval(() => clock.tick(), TICK_MS);
clock.tick();
