/** On a day with bookings the point tries itself while nobody touches it, so that staff hear of a fault before the first visitor. */

import { openDevices } from "../session/devices.js";
import { loopback } from "./loopback.js";

const QUIET_MS = 60_000;
const place = /** @type {HTMLElement} */ (document.getElementById("morning"));
let running = false;
let timer = setTimeout(look, QUIET_MS);

for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, later);

function later() {
  clearTimeout(timer);
  timer = setTimeout(look, QUIET_MS);
}

async function look() {
  if (!running) {
    running = true;
    await tried().catch(() => {});
    place.hidden = true;
    running = false;
  }
  later();
}

/** Try, if it is due and the browser need not ask anybody first. */
async function tried() {
  const asked = await Promise.all(["camera", "microphone"].map((name) => navigator.permissions.query({ name: /** @type {PermissionName} */ (name) })));
  if (asked.some((one) => one.state === "prompt")) return;
  const answer = await fetch("/kiosk/check/due", { cache: "no-store", headers: { accept: "application/json" } });
  if (!answer.ok || !(await answer.json()).due) return;
  place.hidden = false;
  const { stream } = await openDevices();
  try {
    await loopback(stream);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
