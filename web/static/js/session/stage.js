/** Who is seen: one figure for each other participant, in the order of the incoming pairs. */

import { byId, clock, made, word } from "./words.js";

const GONE = new Set(["lost", "absent", "connecting"]);
const MAIN = new Set(["petitioner", "official"]);

export class Stage {
  #others = byId("others");
  /** @type {Map<string, string>} since when a picture stands still, by seat */
  #frozen = new Map();

  /**
   * @param {Record<string, any>} session the newest state
   * @param {string} ownSeat
   * @param {MediaStream[]} streams by pair
   */
  show(session, ownSeat, streams) {
    const shown = new Set();
    for (const person of session.participants) {
      const pair = session.slots.indexOf(person.seat);
      if (person.seat === ownSeat || person.role === "recorder" || (!MAIN.has(person.role) && !person.present)) continue;
      shown.add(person.seat);
      this.#person(person, pair >= 0 ? streams[pair] : undefined);
    }
    for (const figure of [...this.#others.children]) {
      if (!shown.has(/** @type {HTMLElement} */ (figure).dataset.seat ?? "")) figure.remove();
    }
    this.#others.dataset.count = String(shown.size);
    this.mark(session.participants.filter((/** @type {any} */ one) => one.speaking).map((/** @type {any} */ one) => one.seat));
  }

  /** Mark who speaks; a word goes with the line around the picture. @param {string[]} seats */
  mark(seats) {
    for (const figure of this.#others.children) {
      const speaks = seats.includes(/** @type {HTMLElement} */ (figure).dataset.seat ?? "");
      figure.classList.toggle("speaking", speaks);
      /** @type {HTMLElement} */ (figure.querySelector(".speaks")).textContent = speaks ? word("speaking") : "";
    }
  }

  /** @param {Record<string, any>} person @param {MediaStream|undefined} stream */
  #person(person, stream) {
    const figure = this.#figure(person.seat);
    if (stream) {
      play(/** @type {HTMLVideoElement} */ (figure.querySelector("video")), stream.getVideoTracks());
      play(/** @type {HTMLAudioElement} */ (figure.querySelector("audio")), stream.getAudioTracks());
    }
    const post = person.post ? `${person.post} ` : "";
    const camera = person.present && !person.camera ? ` · ${word("camera_off")}` : "";
    const sound = person.present && !person.microphone ? ` · ${word("microphone_off")}` : "";
    /** @type {HTMLElement} */ (figure.querySelector("figcaption")).textContent = `${post}${person.name} · ${word(person.role)}${camera}${sound}`;
    this.#freeze(figure, person);
  }

  /** @param {HTMLElement} figure @param {Record<string, any>} person */
  #freeze(figure, person) {
    const gone = GONE.has(person.link) || !person.present;
    if (gone && !this.#frozen.has(person.seat)) this.#frozen.set(person.seat, clock(new Date().toISOString()));
    if (!gone) this.#frozen.delete(person.seat);
    figure.classList.toggle("frozen", gone);
    const since = /** @type {HTMLElement} */ (figure.querySelector(".since"));
    const stands = gone && /** @type {HTMLVideoElement} */ (figure.querySelector("video")).videoWidth > 0;
    since.textContent = stands ? word("frozen", { time: this.#frozen.get(person.seat) ?? "" }) : "";
  }

  /** @param {string} seat @returns {HTMLElement} */
  #figure(seat) {
    const known = this.#others.querySelector(`[data-seat="${seat}"]`);
    if (known instanceof HTMLElement) return known;
    const figure = made("figure", "", "other");
    figure.dataset.seat = seat;
    const video = document.createElement("video");
    video.autoplay = video.playsInline = video.muted = true;
    figure.append(video, document.createElement("audio"), made("p", "", "since"), made("figcaption", ""), made("p", "", "speaks"));
    this.#others.append(figure);
    return figure;
  }
}

/**
 * Sound and picture play apart: a player waits for the first picture, and a voice must not wait for a camera.
 * @param {HTMLMediaElement} player @param {MediaStreamTrack[]} tracks
 */
function play(player, tracks) {
  const shown = player.srcObject instanceof MediaStream ? player.srcObject.getTracks() : [];
  if (shown.length === tracks.length && tracks.every((track) => shown.includes(track))) return;
  player.srcObject = new MediaStream(tracks);
  player.play().catch(() => {});
}

/**
 * How things stand, in one word for the one place where it is said.
 * @param {{open: boolean, peer: string, session: Record<string, any>|null, seat: string}} now
 * @returns {[string, string]} the key of the words and the kind of notice
 */
export function stateOf({ open, peer, session, seat }) {
  if (!open) return ["reconnecting", "caution"];
  if (!session) return ["connecting", ""];
  if (session.paused) return ["paused", "caution"];
  if (peer !== "connected") return ["connecting", "caution"];
  const others = session.participants.filter((/** @type {any} */ one) => one.seat !== seat && one.role !== "recorder");
  const main = others.filter((/** @type {any} */ one) => MAIN.has(one.role));
  if (main.some((/** @type {any} */ one) => !one.present)) return ["other_away", "caution"];
  if (main.some((/** @type {any} */ one) => GONE.has(one.link))) return ["other_connecting", "caution"];
  const links = session.participants.filter((/** @type {any} */ one) => one.present).map((/** @type {any} */ one) => one.link);
  if (links.includes("voice_only")) return ["voice_only", "caution"];
  if (links.includes("weak")) return ["weak", "caution"];
  return ["fine", "good"];
}
