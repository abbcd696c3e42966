/** How far work in the background is: its place on the page, `data-goes-on`, is kept fresh from that address. */

const EVERY_MS = 2000;

const place = () => /** @type {HTMLElement|null} */ (document.querySelector("[data-goes-on]"));

/** Only what says how far it is changes, so that nobody's focus is lost; all of it at the end. @param {HTMLElement} shown */
async function look(shown) {
  const answer = await fetch(/** @type {string} */ (shown.dataset.goesOn)).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const fresh = page?.querySelector(`#${shown.id}`) ?? null;
  if (fresh !== null && fresh.outerHTML !== shown.outerHTML) {
    const parts = ["[role=status]", "progress"];
    if (fresh.hasAttribute("data-goes-on")) {
      for (const part of parts) shown.querySelector(part)?.replaceWith(/** @type {Element} */ (fresh.querySelector(part)));
    } else shown.replaceWith(fresh);
  }
  goOn();
}

function goOn() {
  const shown = place();
  if (shown === null) return;
  const reload = shown.querySelector("[data-reload]");
  if (reload instanceof HTMLElement) reload.hidden = true;
  setTimeout(() => look(shown), EVERY_MS);
}

goOn();
