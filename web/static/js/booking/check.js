/** Camera, microphone and the way to the office and back, in plain words. Nothing here keeps anybody from going on. */

import { openDevices } from "../session/devices.js";
import { loopback } from "./loopback.js";

const HEARD = 0.04;
const KINDS = { good: "good", slow: "caution", quiet: "caution", missing: "alarm", lost: "alarm", refused: "caution" };
/** @type {MediaStream} */
let stream = new MediaStream();
const again = /** @type {HTMLButtonElement} */ (document.getElementById("again"));

again.addEventListener("click", check);
check();

/** @param {string} id @param {string} word @param {string} [kind] */
function say(id, word, kind = KINDS[/** @type {"good"} */ (word)] ?? "") {
  const place = /** @type {HTMLElement} */ (document.getElementById(id));
  place.textContent = place.dataset[word] ?? "";
  place.className = `notice ${kind}`;
  place.dataset.state = word;
}

async function check() {
  again.disabled = true;
  for (const track of stream.getTracks()) track.stop();
  const opened = await openDevices();
  stream = opened.stream;
  /** @type {HTMLVideoElement} */ (document.getElementById("mirror")).srcObject = stream;
  const missing = opened.problem === "devices_refused" ? "refused" : "missing";
  if (stream.getVideoTracks().length) say("camera-check", "seen", "");
  else say("camera-check", missing, "caution");
  if (stream.getAudioTracks().length) listen(stream);
  else say("microphone-check", missing, "alarm");
  await tryLine();
  again.disabled = false;
}

async function tryLine() {
  say("connection-check", "trying");
  try {
    const { picture, sound, line } = await loopback(stream);
    say("connection-check", line);
    if (stream.getVideoTracks().length && picture !== "unknown") say("camera-check", picture);
    if (stream.getAudioTracks().length && sound === "lost") say("microphone-check", "lost");
  } catch (error) {
    const refused = error instanceof Error && "code" in error && error.code && error.message;
    say("connection-check", "missing");
    if (refused) sayItself(error.message);
  }
}

/** @param {string} message the server's own words */
function sayItself(message) {
  const place = /** @type {HTMLElement} */ (document.getElementById("connection-check"));
  place.textContent = message;
  place.className = "notice caution";
  place.dataset.state = "busy";
}

/** @param {MediaStream} source */
function listen(source) {
  say("microphone-check", "quiet");
  const context = new AudioContext();
  const meter = context.createAnalyser();
  const level = /** @type {HTMLMeterElement} */ (document.getElementById("level"));
  const samples = new Float32Array(meter.fftSize);
  context.createMediaStreamSource(source).connect(meter);
  const look = setInterval(() => {
    meter.getFloatTimeDomainData(samples);
    const loud = Math.max(...samples.map(Math.abs));
    level.value = Math.min(1, loud * 3);
    const place = document.getElementById("microphone-check");
    if (loud > HEARD && place?.dataset.state === "quiet") say("microphone-check", "good");
    if (source !== stream) {
      clearInterval(look);
      context.close();
    }
  }, 100);
}
