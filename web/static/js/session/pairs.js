/**
 * The pairs of a connection, each a sound and a picture. Pair 0 sends our own and receives the first other; further
 * pairs receive further others.
 */

/**
 * Add what is missing. @param {RTCPeerConnection} connection @param {number} count how many there are to be
 * @param {MediaStream} stream what we send @param {boolean} listens whether we send nothing
 */
export function addPairs(connection, count, stream, listens) {
  for (let pair = connection.getTransceivers().length / 2; pair < count; pair++) {
    for (const kind of ["audio", "video"]) {
      const track = pair === 0 ? stream.getTracks().find((one) => one.kind === kind) : undefined;
      connection.addTransceiver(track ?? kind, { direction: pair === 0 && !listens ? "sendrecv" : "recvonly", streams: [stream] });
    }
  }
}

/** Send this instead of what was sent. @param {RTCPeerConnection} connection @param {MediaStream} stream */
export async function send(connection, stream) {
  for (const one of connection.getTransceivers().slice(0, 2)) {
    const track = stream.getTracks().find((each) => each.kind === one.receiver.track.kind) ?? null;
    await one.sender.replaceTrack(track);
  }
}

/** @param {RTCPeerConnection} connection @returns {MediaStream[]} what comes in, by pair */
export function incoming(connection) {
  const tracks = connection.getTransceivers().map((one) => one.receiver.track);
  const sounds = tracks.filter((track) => track.kind === "audio");
  return tracks.filter((track) => track.kind === "video").map((track, pair) => new MediaStream([sounds[pair], track]));
}
