/** The start page stands open for hours: what is new for today's people comes onto it by itself. */

const LOOK_MS = 20_000;
const place = /** @type {HTMLElement} */ (document.getElementById("posted"));

setInterval(() => look().catch(() => {}), LOOK_MS);

async function look() {
  if (document.hidden) return;
  const answer = await fetch("/kiosk", { cache: "no-store", headers: { accept: "text/html" } });
  if (!answer.ok || new URL(answer.url).pathname !== "/kiosk") return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("posted");
  if (fresh && fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
}
