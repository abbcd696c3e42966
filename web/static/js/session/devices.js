/** Camera and microphone, with what is left when one is missing or refused. */

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 25, max: 30 } };

/**
 * @typedef {object} Devices
 * @property {MediaStream} stream what could be opened, maybe nothing
 * @property {""|"camera_missing"|"devices_refused"|"devices_missing"} problem the word for what is wrong
 */

/** @returns {Promise<Devices>} never rejects */
export async function openDevices() {
  /** @type {unknown} */
  let why;
  for (const wanted of [{ audio: SOUND, video: PICTURE }, { audio: SOUND }, { video: PICTURE }]) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      return { stream, problem: stream.getVideoTracks().length ? "" : refusedOr("camera_missing", why) };
    } catch (error) {
      why = error;
    }
  }
  return { stream: new MediaStream(), problem: refusedOr("devices_missing", why) };
}

/** @param {"camera_missing"|"devices_missing"} missing @param {unknown} why @returns {Devices["problem"]} */
function refusedOr(missing, why) {
  const refused = why instanceof DOMException && why.name === "NotAllowedError";
  return refused && missing === "devices_missing" ? "devices_refused" : missing;
}

/** @param {() => void} changed called when a camera or microphone was plugged in or pulled out */
export function watchDevices(changed) {
  navigator.mediaDevices?.addEventListener("devicechange", changed);
}

/**
 * A still picture of what a video shows, as sharp as the source can be for a moment.
 * @param {HTMLVideoElement} video @param {MediaStreamTrack} [track] the camera's own, asked for more detail
 * @returns {Promise<Blob>} JPEG
 */
export async function photograph(video, track) {
  const before = track?.getConstraints();
  if (track) {
    await track.applyConstraints({ width: { ideal: 1920 }, height: { ideal: 1080 } }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  if (track && before) await track.applyConstraints(before).catch(() => {});
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.92),
  );
}
