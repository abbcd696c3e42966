/** Where a page has a table, one labelled switch brings its rows closer together; remembered on this machine. */

const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-rows]"));
if (button && document.querySelector(".scrolls")) {
  const draw = () => {
    const dense = localStorage.getItem("rows") === "dense";
    document.body.classList.toggle("dense", dense);
    button.textContent = (dense ? button.dataset.wider : button.dataset.closer) ?? "";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem("rows", document.body.classList.contains("dense") ? "wide" : "dense");
    draw();
  });
  draw();
}
