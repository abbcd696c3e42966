/** What is typed is kept as it is typed; digits have a pad of their own and stand in groups. */

const form = /** @type {HTMLFormElement|null} */ (document.querySelector("form[data-keep]"));
const input = /** @type {HTMLInputElement|HTMLTextAreaElement|null} */ (document.querySelector("form[data-keep] [name=answer]"));
const pad = /** @type {HTMLElement|null} */ (document.querySelector("[data-pad]"));

if (form && input) keepTyping(form, input);
if (input instanceof HTMLInputElement && pad) numberPad(input, pad);

/** @param {HTMLFormElement} form @param {HTMLInputElement|HTMLTextAreaElement} input */
function keepTyping(form, input) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let soon;
  input.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      fetch(form.dataset.keep ?? "", { method: "POST", body: new URLSearchParams({ answer: input.value }) }).catch(() => {});
    }, 400);
  });
  form.addEventListener("submit", () => clearTimeout(soon));
}

/** @param {HTMLInputElement} input @param {HTMLElement} pad */
function numberPad(input, pad) {
  const groups = (input.dataset.groups ?? "").split(" ").map(Number);
  const shown = /** @type {HTMLElement|null} */ (document.querySelector("[data-digits]"));
  const draw = () => {
    if (shown) shown.textContent = grouped(input.value.replace(/\s/g, ""), groups);
  };
  pad.hidden = false;
  if (shown) shown.hidden = false;
  pad.addEventListener("click", (event) => {
    const key = event.target instanceof HTMLElement ? event.target.dataset.key : "";
    if (!key) return;
    if (key === "erase") input.value = input.value.slice(0, -1);
    else if (input.value.length < input.maxLength) input.value += key;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  input.addEventListener("input", draw);
  draw();
}

/** @param {string} digits @param {number[]} groups @returns {string} */
function grouped(digits, groups) {
  const parts = [];
  let from = 0;
  for (const size of groups) {
    parts.push(digits.slice(from, from + size));
    from += size;
  }
  return [...parts, digits.slice(from)].filter(Boolean).join(" ");
}
