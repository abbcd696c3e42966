/** What every kiosk page can do: be read aloud, be larger, ask before it forgets. */

const SIZES = ["", "larger", "largest"];
const IDLE_SECONDS = 120;
const ANSWER_SECONDS = 60;

larger();
readAloud();
idle();

/** One labelled switch, three sizes, remembered. */
function larger() {
  const button = document.querySelector("[data-larger]");
  const root = document.documentElement;
  let size = Number(localStorage.getItem("size") ?? 0) % SIZES.length;
  const apply = () => {
    root.classList.remove("larger", "largest");
    if (SIZES[size]) root.classList.add(SIZES[size]);
  };
  apply();
  if (!(button instanceof HTMLElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    size = (size + 1) % SIZES.length;
    localStorage.setItem("size", String(size));
    apply();
  });
}

/** Read the page, slowly; the button is only there where a Chinese voice is. Pages with `data-read-now` begin by themselves. */
function readAloud() {
  const button = document.querySelector("[data-read-aloud]");
  if (!(button instanceof HTMLElement) || !window.speechSynthesis) return;
  const voice = () => speechSynthesis.getVoices().find((one) => one.lang.startsWith("zh"));
  const read = () => {
    const words = new SpeechSynthesisUtterance(document.querySelector("main")?.innerText ?? "");
    const chosen = voice();
    if (chosen) [words.voice, words.lang] = [chosen, chosen.lang];
    words.rate = 0.8;
    speechSynthesis.speak(words);
  };
  let unread = "readNow" in document.body.dataset;
  const look = () => {
    button.hidden = !voice();
    if (unread && voice()) {
      unread = false;
      read();
    }
  };
  look();
  speechSynthesis.addEventListener("voiceschanged", look);
  button.addEventListener("click", () => (speechSynthesis.speaking ? speechSynthesis.cancel() : read()));
}

/** Pages with `data-idle` go back to the start when nobody is there; they ask first, and lose nothing. */
function idle() {
  const home = document.body.dataset.idle;
  const asked = /** @type {HTMLTemplateElement|null} */ (document.querySelector("#still-there"));
  if (!home || !asked) return;
  let last = Date.now();
  /** @type {HTMLElement|null} */
  let question = null;
  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, () => {
      last = Date.now();
      question?.remove();
      question = null;
    });
  }
  setInterval(() => {
    const away = (Date.now() - last) / 1000;
    if (away > IDLE_SECONDS && !question) {
      question = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (asked.content.cloneNode(true)).firstElementChild);
      document.body.append(question);
      question.querySelector("button")?.focus();
    }
    if (away > IDLE_SECONDS + ANSWER_SECONDS) location.assign(home);
  }, 1000);
}
