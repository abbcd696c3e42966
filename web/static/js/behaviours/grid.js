/**
 * A table of days that is walked with the arrow keys, one cell at a time. Enter opens what is first in a cell, the tab
 * key walks through the rest of it. Beyond the edge the next period opens, at the day that comes next.
 */

const DAY_MS = 86_400_000;
const table = /** @type {HTMLTableElement|null} */ (document.querySelector("table[data-grid]"));
const rows = [...(table?.tBodies[0]?.rows ?? [])].map((row) => [...row.cells].filter((cell) => cell.tagName === "TD"));
const wraps = table?.dataset.grid === "wraps";

/** Only the links of the cell that has the focus can be reached by the tab key. @param {HTMLElement} cell */
function choose(cell, focus = true) {
  for (const one of rows.flat()) {
    one.tabIndex = one === cell ? 0 : -1;
    for (const link of one.querySelectorAll("a")) link.tabIndex = one === cell ? 0 : -1;
  }
  if (focus) cell.focus();
}

/** The cell's name, that many days away. @param {HTMLElement} cell @param {number} days */
function nameAway(cell, days) {
  const day = cell.dataset.day ?? "";
  const there = new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
  return cell.id.replace(day, there);
}

/** @param {HTMLElement} cell @param {number} days */
function turn(cell, days) {
  const link = document.querySelector(`a[data-key="${days < 0 ? "PageUp" : "PageDown"}"]`);
  if (link instanceof HTMLAnchorElement) location.assign(`${link.href}#${nameAway(cell, days)}`);
}

/** @param {number} row @param {number} column @param {string} key */
function goal(row, column, key) {
  const last = rows[row].length - 1;
  if (key === "Home") return [row, 0];
  if (key === "End") return [row, last];
  if (key === "ArrowUp") return [row - 1, column];
  if (key === "ArrowDown") return [row + 1, column];
  const next = column + (key === "ArrowRight" ? 1 : -1);
  if (!wraps || (next >= 0 && next <= last)) return [row, next];
  return next < 0 ? [row - 1, last] : [row + 1, 0];
}

const AWAY = new Map(Object.entries({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: 0, End: 0 }));

/** @param {KeyboardEvent} event @param {HTMLElement} cell */
function walk(event, cell) {
  const row = rows.findIndex((cells) => cells.includes(/** @type {HTMLTableCellElement} */ (cell)));
  const column = rows[row].indexOf(/** @type {HTMLTableCellElement} */ (cell));
  const [down, right] = goal(row, column, event.key);
  const found = rows[down]?.[right];
  if (found) choose(found);
  else if (wraps || down === row) turn(cell, AWAY.get(event.key) ?? 0);
}

/** Where the walk begins: the day of the address, else today, else the first cell. */
function begin() {
  const name = location.hash.slice(1);
  const day = name.slice(-10);
  const cells = rows.flat();
  const asked = cells.find((one) => one.id === name) ?? cells.find((one) => name !== "" && one.dataset.day === day);
  return asked ?? cells.find((one) => one.classList.contains("today")) ?? cells[0];
}

if (table && rows.length > 0 && table.offsetParent) {
  table.setAttribute("role", "grid");
  choose(begin(), location.hash.startsWith("#c-"));
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const cell = /** @type {HTMLElement|null} */ (target.closest("td[data-day]"));
    if (event.ctrlKey || event.altKey || event.metaKey || (cell === null && target !== document.body)) return;
    if (event.key === "Enter" && cell === target) {
      event.preventDefault();
      cell.querySelector("a")?.click();
    } else if (AWAY.has(event.key)) {
      event.preventDefault();
      if (cell) walk(event, cell);
      else choose(begin());
    }
  });
  table.addEventListener("focusin", (event) => {
    const cell = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("td[data-day]"));
    if (cell && cell.tabIndex !== 0) choose(cell, false);
  });
}
