/** Buttons that print the page; hidden where nothing can be done by them. One that says "now" prints at once. */

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-print]"))) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  if (button.dataset.print === "now") window.print();
}
