/** The lines of the minutes: the one being spoken is lit. */

/**
 * The index of the last instant at or before `ms`; -1 before the first.
 * @param {number[]} instants ascending
 * @param {number} ms
 */
export function indexAt(instants, ms) {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (instants[middle] <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Light the current line on every tick; scroll to it only while it plays.
 * @param {HTMLElement} list
 * @param {import("./clock.js").MasterClock} clock
 */
export function lightLines(list, clock) {
  const items = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("li[data-ms]"))]
    .filter((item) => item.dataset.ms !== "")
    .sort((one, other) => Number(one.dataset.ms) - Number(other.dataset.ms));
  const instants = items.map((item) => Number(item.dataset.ms));
  /** @type {HTMLElement | undefined} */
  let lit;
  clock.addEventListener("tick", () => {
    const now = items[indexAt(instants, clock.position * 1000 + 1)];
    if (now === lit) return;
    lit?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "true");
    if (clock.playing) now?.scrollIntoView({ block: "nearest" });
    lit = now;
  });
}
