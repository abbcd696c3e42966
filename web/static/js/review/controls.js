/** Buttons and keys of the review player. */

const STEP = 5;
const TYPED_IN = "input, textarea, select, [contenteditable]";

/** @param {number} seconds */
export function shown(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A second back and forth; every other key is shown on its button. @param {import("./clock.js").MasterClock} clock */
export function bindArrows(clock) {
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPED_IN)) return;
    event.preventDefault();
    clock.seek(clock.position + step);
  });
}

/** @param {import("./clock.js").MasterClock} clock */
export function bindButtons(clock) {
  const play = /** @type {HTMLButtonElement} */ (document.getElementById("play"));
  const label = /** @type {HTMLElement} */ (play.querySelector("span"));
  const position = /** @type {HTMLOutputElement} */ (document.getElementById("position"));
  const back = /** @type {HTMLButtonElement} */ (document.getElementById("back"));
  const forward = /** @type {HTMLButtonElement} */ (document.getElementById("forward"));
  const rates = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-rate]"));
  for (const button of [play, back, forward, ...rates]) button.hidden = false;
  play.addEventListener("click", () => clock.toggle());
  back.addEventListener("click", () => clock.seek(clock.position - STEP));
  forward.addEventListener("click", () => clock.seek(clock.position + STEP));
  for (const button of rates) {
    button.addEventListener("click", () => {
      clock.setRate(Number(button.dataset.rate));
      for (const other of rates) other.setAttribute("aria-pressed", String(other === button));
    });
  }
  clock.addEventListener("tick", () => {
    const text = `${shown(clock.position)} / ${shown(clock.length)}`;
    if (position.value !== text) position.value = text;
    position.dataset.ms = String(Math.round(clock.position * 1000));
    label.textContent = (clock.playing ? play.dataset.playing : play.dataset.stopped) ?? "";
  });
}
