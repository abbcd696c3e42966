/** A connection to the media engine, straight or by the relays that the server told of (docs/protocol.md). */

/** @typedef {{servers: RTCIceServer[], policy: RTCIceTransportPolicy}} Relays */

/** @param {Relays} [relays] @returns {RTCPeerConnection} */
export function connectionBy({ servers, policy } = { servers: [], policy: "all" }) {
  return new RTCPeerConnection({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require", iceServers: servers, iceTransportPolicy: policy });
}
