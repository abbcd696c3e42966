/** A guest's page: one button to come in, the talk, the end. */

import { Conversation } from "./conversation.js";
import { bindSwitches } from "./controls.js";
import { byId, show } from "./words.js";

/** @type {() => void} */
let draw = () => {};

byId("join").addEventListener("click", () => {
  show("enter", false);
  const talk = new Conversation({ place: "join", invitation: document.body.dataset.invitation }, { session });
  draw = bindSwitches(talk);
  byId("leave").addEventListener("click", () => {
    talk.signaling.close();
    location.assign("/");
  });
  talk.start();
});

/** @param {Record<string, any>} told */
function session(told) {
  show("talk", told.phase !== "over");
  show("over", told.phase === "over");
  draw();
}
