/** Keys that stand for links: `data-key` names the key; what they do is told on the page in `data-legend`. */

/** Whether somebody is typing or choosing. @param {EventTarget|null} target */
const typing = (target) => target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const link = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
  if (!(link instanceof HTMLAnchorElement)) return;
  event.preventDefault();
  link.click();
});

for (const legend of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-legend]"))) legend.hidden = false;
