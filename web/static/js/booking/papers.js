/** Papers photographed by the kiosk's camera; without a camera or permission the choice of a file stays. */

import { photograph } from "../session/devices.js";

const place = /** @type {HTMLElement} */ (document.querySelector("[data-photograph]"));
const video = /** @type {HTMLVideoElement} */ (place.querySelector("video"));
const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const refused = /** @type {HTMLElement} */ (place.querySelector("p"));
const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-file]"));

place.hidden = false;
try {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 }, height: { ideal: 1080 } } });
  form.hidden = "withoutCamera" in form.dataset;
} catch {
  refused.textContent = refused.dataset.refused ?? "";
  refused.hidden = false;
  video.hidden = button.hidden = true;
}

button.addEventListener("click", async () => {
  button.disabled = true;
  const files = new DataTransfer();
  files.items.add(new File([await photograph(video)], "paper.jpg", { type: "image/jpeg" }));
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("paper"));
  input.files = files.files;
  form.requestSubmit();
});
