/** The review by keyboard: every key is shown on the button it presses; flags and lines one after the other. */

const TYPED_IN = "input, textarea, select, [contenteditable]";
/** @type {Record<string, string>} */
const ARROWS = { ArrowUp: "↑", ArrowDown: "↓" };

/** @template {Element} T @param {string} selector @returns {T[]} */
const all = (selector) => [.../** @type {NodeListOf<T>} */ (document.querySelectorAll(selector))];
const byId = (/** @type {string} */ id) => document.getElementById(id);

/** A button is pressed; what decides is only chosen, for Enter to press; what opens puts the cursor into it. @param {HTMLElement} control */
function press(control) {
  if (control.hasAttribute("data-chosen")) {
    control.focus();
    return;
  }
  control.click();
  if (control.matches("summary")) control.parentElement?.querySelector("textarea")?.focus();
}

/** @param {KeyboardEvent} event */
function keyed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape" && target.matches(TYPED_IN)) return target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPED_IN)) return;
  const pressed = ARROWS[event.key] ?? event.key.toUpperCase();
  const key = all("kbd").find((one) => one.textContent === pressed && one.closest("button, summary"));
  const control = /** @type {HTMLElement|null|undefined} */ (key?.closest("button, summary"));
  if (!control || !control.offsetParent) return;
  event.preventDefault();
  press(control);
}

/** Which places were looked at stays over a reload, as long as the tab is open. */
function bindFlags() {
  const flags = /** @type {HTMLElement[]} */ (all("[data-flag] > a"));
  const steps = byId("flag-steps");
  if (!steps || !flags.length) return;
  const count = /** @type {HTMLOutputElement} */ (byId("flag-count"));
  const place = `looked at ${location.pathname}`;
  /** @type {Set<string>} */
  const seen = new Set(JSON.parse(sessionStorage.getItem(place) ?? "[]"));
  let now = -1;
  /** @param {HTMLElement} flag */
  const named = (flag) => flag.parentElement?.dataset.flag ?? "";
  const draw = () => {
    flags.forEach((flag, index) => {
      flag.toggleAttribute("data-seen", seen.has(named(flag)));
      flag.toggleAttribute("aria-current", index === now);
    });
    const looked = flags.filter((flag) => flag.hasAttribute("data-seen")).length;
    count.value = (count.dataset.words ?? "").replace("{n}", String(looked)).replace("{all}", String(flags.length));
  };
  flags.forEach((flag, index) => flag.addEventListener("click", (event) => {
    event.preventDefault();
    now = index;
    document.querySelector(flag.getAttribute("href") ?? "")?.scrollIntoView({ block: "nearest" });
    seen.add(named(flag));
    sessionStorage.setItem(place, JSON.stringify([...seen]));
    draw();
  }));
  byId("flag-next")?.addEventListener("click", () => flags[(now + 1) % flags.length].click());
  byId("flag-before")?.addEventListener("click", () => flags[(Math.max(now, 0) - 1 + flags.length) % flags.length].click());
  steps.hidden = false;
  draw();
}

function bindLines() {
  const lines = /** @type {HTMLElement[]} */ (all("#lines > li[data-ms]"));
  const steps = byId("steps");
  if (!steps || !lines.length) return;
  let last = -1;
  /** Where the player lights a line, that one; of several of one instant, the one that was stepped to. */
  const current = () => {
    const lit = lines.findIndex((line) => line.hasAttribute("aria-current"));
    return lit >= 0 && lines[last]?.dataset.ms !== lines[lit].dataset.ms ? lit : last;
  };
  /** @param {number} by */
  const step = (by) => {
    last = Math.max(0, Math.min(lines.length - 1, current() + by));
    const line = lines[last];
    const seek = /** @type {HTMLElement|null} */ (line.querySelector("button[data-seek]"));
    if (seek) seek.click();
    else lines.forEach((one) => one.toggleAttribute("aria-current", one === line));
    line.scrollIntoView({ block: "center" });
  };
  byId("line-before")?.addEventListener("click", () => step(-1));
  byId("line-next")?.addEventListener("click", () => step(1));
  byId("correct")?.addEventListener("click", () => {
    const summary = /** @type {HTMLElement|null} */ (lines[Math.max(0, current())].querySelector("summary"));
    if (!summary) return;
    /** @type {HTMLDetailsElement} */ (summary.parentElement).open = true;
    summary.parentElement?.querySelector("textarea")?.focus();
  });
  steps.hidden = false;
}

document.addEventListener("keydown", keyed);
bindFlags();
bindLines();
