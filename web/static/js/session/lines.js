/** Minutes and promises as they stand, for reading. */

import { byId, length, made, word } from "./words.js";

/**
 * @param {Record<string, any>[]} lines
 * @param {(line: Record<string, any>) => HTMLElement[]} [more] what a page adds to a line
 */
export function drawLines(lines, more = () => []) {
  const list = byId("lines");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.replaceChildren(...lines.map((line) => drawn(line, more)));
  if (!lines.length) list.append(made("li", list.dataset.empty ?? "", "empty"));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

/** @param {Record<string, any>} line @param {(line: Record<string, any>) => HTMLElement[]} more @returns {HTMLElement} */
function drawn(line, more) {
  const item = made("li", "", line.read_back ?? "");
  item.dataset.key = line.key;
  const head = made("p", "", "speaker");
  head.append(made("strong", word(line.speaker)));
  if (line.offset_ms !== null && line.offset_ms !== undefined) head.append(made("span", length(line.offset_ms / 1000), "quiet"));
  item.append(head, made("p", line.text, "text"), ...more(line));
  if (line.objection) item.append(made("p", line.objection, "notice caution"));
  return item;
}

/**
 * @param {Record<string, any>[]} promises
 * @param {(promise: Record<string, any>) => HTMLElement[]} [more]
 */
export function drawPromises(promises, more = () => []) {
  const items = promises.map((one) => {
    const item = made("li", "", "card");
    const [, month, day] = one.due_on.split("-").map(Number);
    item.append(made("p", one.what), made("p", `${one.unit} ${one.person} · ${month}月${day}日`, "quiet"), ...more(one));
    return item;
  });
  byId("promises").replaceChildren(...items);
}
