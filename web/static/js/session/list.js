/** Today's list. Whoever is new rings, shows a colour and stands in the title of the tab. */

import { allowBell, bellWorks, ring } from "./bell.js";
import { drawContext, drawReceivers } from "./context.js";
import { Overrun } from "./overrun.js";
import { byId, clock, filled, made, show, word } from "./words.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

const ACTIONS = { waiting: ["admit", "hold", "mark_absent"], booked: ["mark_absent"], held: ["bring_back", "mark_absent"], absent: ["bring_back"] };
const TITLE = document.title;

export class List {
  #talk;
  #overrun;
  /** @type {Set<string>|null} */
  #known = null;
  /** @type {Record<string, any>|null} */
  #told = null;

  /** @param {Conversation} talk */
  constructor(talk) {
    this.#talk = talk;
    this.#overrun = new Overrun(talk);
    byId("next").addEventListener("click", () => this.#talk.ask("call_next"));
    byId("sound").addEventListener("click", async () => { await allowBell(); this.#bell(); });
    document.addEventListener("click", () => allowBell().then(() => this.#bell()), { once: true });
    setInterval(() => this.#told && this.#draw(this.#told), 20_000);
    this.#bell();
  }

  #bell() {
    show("sound", !bellWorks());
  }

  /** @param {Record<string, any>} told */
  show(told) {
    this.#told = told;
    const waiting = told.entries.filter((/** @type {any} */ one) => one.state === "waiting").map((/** @type {any} */ one) => one.number);
    const calls = told.help.map((/** @type {any} */ one) => `help ${one.id}`);
    const known = this.#known;
    const fresh = [...waiting, ...calls].filter((one) => known && !known.has(one));
    this.#known = new Set([...waiting, ...calls]);
    this.#draw(told, new Set(fresh));
    if (fresh.length || (!known && waiting.length)) ring();
  }

  /** @param {Record<string, any>} told @param {Set<string>} [fresh] */
  #draw(told, fresh = new Set()) {
    const waits = byId("waits");
    const count = told.entries.filter((/** @type {any} */ one) => one.state === "waiting").length;
    waits.textContent = filled((count ? waits.dataset.some : waits.dataset.none) ?? "", { n: count });
    waits.classList.toggle("some", count > 0);
    document.title = count ? `${filled(waits.dataset.title ?? "", { n: count })} ${TITLE}` : TITLE;
    /** @type {HTMLButtonElement} */ (byId("next")).disabled = count === 0 || told.entries.some((/** @type {any} */ one) => one.state === "in_session");
    const open = new Set([...document.querySelectorAll(".entry details.earlier[open]")].map((one) => one.closest("li")?.dataset.number));
    const entries = byId("entries");
    const longest = longestWaiting(told.entries);
    entries.replaceChildren(...told.entries.map((/** @type {any} */ one) => this.#entry(one, fresh.has(one.number), open.has(one.number), one === longest)));
    if (!told.entries.length) entries.append(made("li", entries.dataset.empty ?? "", "empty"));
    drawReceivers(told.receivers);
    this.#overrun.show(/** @type {any} */ (told));
    byId("help").replaceChildren(...told.help.map((/** @type {any} */ one) => this.#help(one)));
    byId("checks").replaceChildren(...told.checks.map((/** @type {any} */ one) => made("li", word(`check_${one.kind}`, { point: one.point, time: clock(one.checked_at) }), "notice caution")));
  }

  /** @param {any} one @param {boolean} fresh @param {boolean} open @param {boolean} longest @returns {HTMLElement} */
  #entry(one, fresh, open, longest) {
    const item = copied("entry");
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (item.querySelector(name));
    item.dataset.number = one.number;
    item.classList.add(one.state);
    item.classList.toggle("fresh", fresh);
    part(".name").textContent = `${one.position ? `${one.position}. ` : ""}${one.name}${one.people > 1 ? word("people", { n: one.people }) : ""}`;
    part(".status").textContent = word(`state_${one.state}`);
    part(".since").textContent = this.#since(one);
    part(".about").textContent = `${one.content} · ${one.purpose}`;
    part(".summary").textContent = one.summary;
    part(".place").textContent = [one.point, one.number, one.reason, one.outside ? word("outside", { reason: one.outside }) : "", one.led_by ? word("led_by", { name: one.led_by }) : one.together.length ? word("together", { names: one.together.join("、") }) : "", one.state === "waiting" && !one.here ? word("not_here") : ""].filter(Boolean).join(" · ");
    show(part(".private"), one.private);
    const mark = longest ? "longest" : one.late ? "late" : overdue(one) ? "overdue" : "";
    show(part(".mark"), mark !== "");
    part(".mark").textContent = mark && word(mark);
    item.classList.toggle("longest", longest);
    drawContext(item, one.context);
    this.#earlier(part(".earlier"), one.earlier, open);
    for (const action of one.led_by ? [] : ACTIONS[/** @type {"waiting"} */ (one.state)] ?? []) part(".actions").append(this.#button(action, one.number));
    return item;
  }

  /** @param {any} one @returns {string} */
  #since(one) {
    const booked = one.booked_time ? word("booked_for", { time: clock(one.booked_time) }) : "";
    if (one.state !== "waiting") return booked;
    const minutes = Math.max(0, Math.round((Date.now() - Date.parse(one.waiting_since)) / 60_000));
    const still = one.wait ? word("still", { from: one.wait[0], to: one.wait[1] }) : "";
    return [word("minutes", { n: minutes }), still, booked].filter(Boolean).join(" · ");
  }

  /** @param {HTMLElement} place @param {any[]} earlier @param {boolean} open */
  #earlier(place, earlier, open) {
    show(place, earlier.length > 0);
    /** @type {HTMLDetailsElement} */ (place).open = open;
    /** @type {HTMLElement} */ (place.querySelector("summary")).textContent = word("earlier", { n: earlier.length });
    if (earlier.some((one) => one.overdue)) place.querySelector("summary")?.append(" ", made("span", word("promise_overdue"), "tag alarm"));
    for (const one of earlier) {
      const item = made("li", `${one.day} ${one.content} · ${one.outcome} `);
      if (one.mine) item.append(Object.assign(document.createElement("a"), { href: `/petitions/${one.id}`, target: "_blank", textContent: one.number || one.day }));
      place.querySelector("ul")?.append(item);
    }
  }

  /** @param {string} action @param {string} booking @returns {HTMLElement} */
  #button(action, booking) {
    const button = /** @type {HTMLButtonElement} */ (made("button", word(action), action === "admit" ? "primary" : ""));
    button.type = "button";
    button.dataset.action = action;
    button.disabled = action === "admit" && /** @type {HTMLButtonElement} */ (byId("next")).disabled;
    button.addEventListener("click", () => this.#talk.ask(action, { booking }));
    return button;
  }

  /** @param {any} call @returns {HTMLElement} */
  #help(call) {
    const item = copied("help-call");
    /** @type {HTMLElement} */ (item.querySelector("p")).textContent = word("help_at", { point: call.point, time: clock(call.called_at) });
    item.querySelector("button")?.addEventListener("click", () => this.#talk.ask("answer_help", { help: call.id }));
    return item;
  }
}

/** @param {any[]} entries @returns {any} who waits longest, where several wait */
function longestWaiting(entries) {
  const waiting = entries.filter((one) => one.state === "waiting").sort((one, other) => Date.parse(one.waiting_since) - Date.parse(other.waiting_since));
  return waiting.length > 1 ? waiting[0] : null;
}

/** @param {any} one @returns {boolean} expected, and the booked time is over */
function overdue(one) {
  return one.state === "booked" && one.booked_time && Date.parse(one.booked_time) < Date.now();
}

/** @param {string} id of a template @returns {HTMLElement} */
function copied(id) {
  const made = /** @type {HTMLTemplateElement} */ (/** @type {unknown} */ (byId(id))).content.cloneNode(true);
  return /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (made).firstElementChild);
}
