/** The check code on a slip: it comes a moment after the talk, and is filled in as soon as it is there. */

const EVERY_MS = 2000;
const coming = document.querySelector("#seal[data-comes]");

/** Ask for the slip again until it no longer says that the code is coming. @param {Element} seal */
async function look(seal) {
  const answer = await fetch(location.href).catch(() => null);
  if (answer !== null && !answer.ok) return;
  const page = answer === null ? null : new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page?.querySelector("#seal") ?? null;
  if (fresh === null || fresh.hasAttribute("data-comes")) {
    setTimeout(() => look(seal), EVERY_MS);
    return;
  }
  seal.textContent = fresh.textContent;
  seal.removeAttribute("data-comes");
}

if (coming !== null) setTimeout(() => look(coming), EVERY_MS);
