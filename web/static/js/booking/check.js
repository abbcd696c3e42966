/** Camera, microphone and connection, in plain words. Nothing here keeps anybody from going on. */

import { openDevices } from "../session/devices.js";

const HEARD = 0.04;
const SLOW_MS = 400;
/** @type {MediaStream} */
let stream = new MediaStream();

document.getElementById("again")?.addEventListener("click", check);
check();

/** @param {string} id @param {string} word @param {"good"|"caution"|"alarm"} kind */
function say(id, word, kind) {
  const place = /** @type {HTMLElement} */ (document.getElementById(id));
  place.textContent = place.dataset[word] ?? "";
  place.className = `notice ${kind}`;
}

async function check() {
  for (const track of stream.getTracks()) track.stop();
  const opened = await openDevices();
  stream = opened.stream;
  /** @type {HTMLVideoElement} */ (document.getElementById("mirror")).srcObject = stream;
  const missing = opened.problem === "devices_refused" ? "refused" : "missing";
  if (stream.getVideoTracks().length) say("camera-check", "good", "good");
  else say("camera-check", missing, "caution");
  if (stream.getAudioTracks().length) listen(stream);
  else say("microphone-check", missing, "alarm");
  connection();
}

/** @param {MediaStream} source */
function listen(source) {
  say("microphone-check", "quiet", "caution");
  const context = new AudioContext();
  const meter = context.createAnalyser();
  const level = /** @type {HTMLMeterElement} */ (document.getElementById("level"));
  const samples = new Float32Array(meter.fftSize);
  context.createMediaStreamSource(source).connect(meter);
  const look = setInterval(() => {
    meter.getFloatTimeDomainData(samples);
    const loud = Math.max(...samples.map(Math.abs));
    level.value = Math.min(1, loud * 3);
    if (loud > HEARD) say("microphone-check", "good", "good");
    if (source !== stream) {
      clearInterval(look);
      context.close();
    }
  }, 100);
}

async function connection() {
  const times = [];
  try {
    for (let count = 0; count < 3; count++) {
      const began = performance.now();
      await fetch("/healthz", { cache: "no-store" });
      times.push(performance.now() - began);
    }
    const slow = Math.min(...times) > SLOW_MS;
    say("connection-check", slow ? "slow" : "good", slow ? "caution" : "good");
  } catch {
    say("connection-check", "missing", "alarm");
  }
}
