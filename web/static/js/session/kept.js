/** What is entered in a form of the talk stays until it is handed in: over a reload and over a power cut. */

export class Kept {
  #form;
  #about = "";

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    form.addEventListener("input", () => this.#keep());
  }

  /**
   * From now on the form belongs to this; what was entered for something else is forgotten.
   * @param {string} about @returns {boolean} whether something had been entered, which is back in the form now
   */
  restore(about) {
    this.#about = about;
    const kept = JSON.parse(localStorage.getItem(this.#place) ?? "null");
    if (kept?.about !== about) {
      this.forget();
      return false;
    }
    for (const one of this.#fields) {
      if (one instanceof HTMLInputElement && one.type === "radio") one.checked = one.value === kept.entered[one.name];
      else one.value = kept.entered[one.id] ?? one.value;
    }
    return true;
  }

  /** It was handed in, or is not wanted. */
  forget() {
    localStorage.removeItem(this.#place);
  }

  get #place() {
    return `entered ${this.#form.id}`;
  }

  /** @returns {(HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement)[]} */
  get #fields() {
    return [.../** @type {NodeListOf<HTMLInputElement>} */ (this.#form.querySelectorAll("input, textarea, select"))];
  }

  #keep() {
    /** @type {Record<string, string>} */
    const entered = {};
    for (const one of this.#fields) {
      if (!(one instanceof HTMLInputElement && one.type === "radio")) entered[one.id] = one.value;
      else if (one.checked) entered[one.name] = one.value;
    }
    localStorage.setItem(this.#place, JSON.stringify({ about: this.#about, entered }));
  }
}
