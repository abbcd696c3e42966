/** A call to the media engine and back: one connection sends camera and microphone, one receives them. Nothing is recorded. */

import { configurationBy } from "../session/relays.js";

const CONNECT_MS = 7000;
const MEASURE_MS = 4000;
const STEP_MS = 100;

/**
 * @typedef {object} Judgement
 * @property {string} picture
 * @property {string} sound
 * @property {string} line
 * @property {string} kind
 */

/**
 * @param {MediaStream} stream what is sent
 * @returns {Promise<Judgement>} what the server says of it; rejects with an error that may have a `code` of the server
 */
export async function loopback(stream) {
  const { check, relays } = await post("/kiosk/check", {});
  const [out, back] = [1, 2].map(() => new RTCPeerConnection(configurationBy(relays)));
  const players = [document.createElement("video"), document.createElement("audio")];
  back.ontrack = ({ track }) => play(players[track.kind === "video" ? 0 : 1], track);
  for (const kind of ["audio", "video"]) {
    const track = stream.getTracks().find((one) => one.kind === kind);
    out.addTransceiver(track ?? kind, { direction: track ? "sendonly" : "inactive", streams: [stream] });
    back.addTransceiver(kind, { direction: "recvonly" });
  }
  try {
    await call(out, `/kiosk/check/${check}/offers/out`);
    await call(back, `/kiosk/check/${check}/offers/back`);
    const figures = { camera: has(stream, "video"), microphone: has(stream, "audio"), connected: await connected(out, back) };
    if (figures.connected) Object.assign(figures, await measured(out, back));
    return await post(`/kiosk/check/${check}/result`, figures);
  } finally {
    for (const one of [out, back]) one.close();
    for (const one of players) one.srcObject = null;
  }
}

/** @param {MediaStream} stream @param {string} kind */
function has(stream, kind) {
  return stream.getTracks().some((track) => track.kind === kind && track.readyState === "live");
}

/** What is not played is not decoded. @param {HTMLMediaElement} player @param {MediaStreamTrack} track */
function play(player, track) {
  player.muted = true;
  player.srcObject = new MediaStream([track]);
  player.play().catch(() => {});
}

/** @param {RTCPeerConnection} one @param {string} address */
async function call(one, address) {
  await one.setLocalDescription(await one.createOffer());
  const { sdp } = await post(address, { sdp: one.localDescription?.sdp ?? "" });
  await one.setRemoteDescription({ type: "answer", sdp });
}

/** @param {RTCPeerConnection[]} all @returns {Promise<boolean>} */
async function connected(...all) {
  for (let waited = 0; waited < CONNECT_MS; waited += STEP_MS) {
    if (all.every((one) => one.connectionState === "connected")) return true;
    await pause(STEP_MS);
  }
  return false;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {RTCPeerConnection} out @param {RTCPeerConnection} back */
async function measured(out, back) {
  await pause(MEASURE_MS);
  const [sent, came] = [[...(await out.getStats()).values()], [...(await back.getStats()).values()]];
  const of = (/** @type {string} */ kind) => came.find((one) => one.type === "inbound-rtp" && one.kind === kind) ?? {};
  const [picture, sound] = [of("video"), of("audio")];
  const losses = sent.filter((one) => one.type === "remote-inbound-rtp").map((one) => one.fractionLost ?? 0);
  for (const one of [picture, sound]) losses.push(share(one.packetsLost ?? 0, one.packetsReceived ?? 0));
  const pair = sent.find((one) => one.type === "candidate-pair" && one.nominated && one.currentRoundTripTime !== undefined);
  return {
    pictures: picture.framesDecoded ?? 0,
    packets: sound.packetsReceived ?? 0,
    level: Math.min(1, Math.sqrt((sound.totalAudioEnergy ?? 0) / (sound.totalSamplesDuration || 1))),
    loss: Math.max(0, ...losses),
    round_trip_ms: pair ? pair.currentRoundTripTime * 1000 : null,
  };
}

/** @param {number} lost @param {number} came */
function share(lost, came) {
  return lost > 0 ? lost / (lost + came) : 0;
}

/** @param {string} address @param {Record<string, any>} told @returns {Promise<any>} */
async function post(address, told) {
  const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json", accept: "application/json" }, body: JSON.stringify(told) });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error?.message ?? ""), { code: body.error?.code });
  return body;
}
