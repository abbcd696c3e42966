/** The start page stands open for hours: what is new for today's people comes onto it by itself, below what can be pressed. */

const LOOK_MS = 20_000;
const PLACES = ["posted", "posted-count"];

setInterval(() => look().catch(() => {}), LOOK_MS);

async function look() {
  if (document.hidden) return;
  const answer = await fetch("/kiosk", { cache: "no-store", headers: { accept: "text/html" } });
  if (!answer.ok || new URL(answer.url).pathname !== "/kiosk") return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of PLACES) {
    const [place, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (place && fresh && fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
  }
}
