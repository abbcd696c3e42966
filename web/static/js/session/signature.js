/** A field to sign in with finger, pen or mouse. Gives strokes, not a picture. */

const SIZE = [1000, 320];
const STEP = 3;
const MOST_POINTS = 3000;

export class Pad {
  #canvas;
  /** @type {number[][][]} */
  #strokes = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#strokes.push([this.#point(event)]);
    });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && this.#add(event));
  }

  /** The strokes as `M x y L x y …`, whole numbers. */
  get path() {
    return this.#strokes.flatMap((stroke) => stroke.map(([x, y], index) => `${index ? "L" : "M"} ${x} ${y}`)).join(" ");
  }

  /** Draw again, after the field came into sight. */
  fit() {
    this.#draw();
  }

  /** Begin anew. */
  clear() {
    this.#strokes = [];
    this.#draw();
  }

  /** @param {PointerEvent} event @returns {number[]} */
  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    const at = [((event.clientX - box.left) / box.width) * SIZE[0], ((event.clientY - box.top) / box.height) * SIZE[1]];
    return at.map((value, axis) => Math.round(Math.min(SIZE[axis], Math.max(0, value))));
  }

  /** @param {PointerEvent} event */
  #add(event) {
    const [stroke, point] = [this.#strokes[this.#strokes.length - 1], this.#point(event)];
    const last = stroke[stroke.length - 1];
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < STEP || this.#strokes.flat().length >= MOST_POINTS) return;
    stroke.push(point);
    this.#draw();
  }

  #draw() {
    const pen = this.#canvas.getContext("2d");
    if (!pen) return;
    pen.clearRect(0, 0, SIZE[0], SIZE[1]);
    [pen.lineWidth, pen.lineCap, pen.lineJoin] = [5, "round", "round"];
    pen.strokeStyle = getComputedStyle(this.#canvas).color;
    pen.beginPath();
    for (const stroke of this.#strokes) stroke.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }
}
