/** Words that the page carries for its scripts, and numbers as people say them. */

/** @param {string} key @param {Record<string, string|number>} [values] @returns {string} */
export function word(key, values = {}) {
  const found = document.querySelector(`template[data-word="${key}"]`);
  return filled(found instanceof HTMLTemplateElement ? found.innerHTML.trim() : "", values);
}

/** @param {string} text @param {Record<string, string|number>} values @returns {string} */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {string} instant ISO 8601 @returns {string} hour and minute in the district, wherever this machine thinks it is */
export function clock(instant) {
  const shown = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: document.documentElement.dataset.zone };
  return new Date(instant).toLocaleTimeString("en-GB", /** @type {Intl.DateTimeFormatOptions} */ (shown)).replace(/^0(?=\d)/, "");
}

/** @param {number} seconds @returns {string} as 12:05 */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @template {HTMLElement} T @param {string} id @returns {T} */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/** @param {string|HTMLElement} element @param {boolean} shown */
export function show(element, shown) {
  (typeof element === "string" ? byId(element) : element).hidden = !shown;
}

/** @param {string} name @param {string} text @param {string} [className] @returns {HTMLElement} */
export function made(name, text, className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  element.className = className;
  return element;
}

/** @returns {string} a key that no other message has */
export function freshKey() {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
}
