/** The timeline: where the talk stands, and a click anywhere goes there. */

const WIDTH = 1000;

/**
 * @param {HTMLElement} figure
 * @param {import("./clock.js").MasterClock} clock
 */
export function bindTimeline(figure, clock) {
  const drawing = /** @type {SVGSVGElement} */ (figure.querySelector("svg"));
  const head = /** @type {SVGLineElement} */ (figure.querySelector("#playhead"));
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    clock.seek(((event.clientX - box.left) / box.width) * clock.length);
  });
  clock.addEventListener("tick", () => {
    const x = String((clock.position / clock.length) * WIDTH);
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
  });
}
