/** Silence is skipped while it plays, for who wants to be done sooner. */

const WORTH_IT = 1;

/**
 * Where to go on from a silent instant: the next stretch of speech if it is far enough, else nowhere.
 * @param {[number, number][]} spoken milliseconds, in order
 * @param {number} at seconds
 * @param {number} length seconds
 * @returns {number | null} seconds
 */
export function goOnAt(spoken, at, length) {
  const ms = at * 1000;
  if (spoken.some(([begins, ends]) => begins <= ms && ms < ends)) return null;
  const next = spoken.find(([begins]) => begins > ms);
  const to = next ? next[0] / 1000 : length;
  return to - at > WORTH_IT ? to : null;
}

/** @param {HTMLButtonElement} button @param {import("./clock.js").MasterClock} clock */
export function bindSkipping(button, clock) {
  /** @type {[number, number][]} */
  const spoken = JSON.parse(button.dataset.spoken ?? "[]");
  if (!spoken.length) return;
  let on = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    on = !on;
    button.setAttribute("aria-pressed", String(on));
  });
  clock.addEventListener("tick", () => {
    const to = on && clock.playing ? goOnAt(spoken, clock.position, clock.length) : null;
    if (to !== null) clock.seek(to);
  });
}
