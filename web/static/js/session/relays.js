/** How the media engine is reached: straight, or by the relays that the server told of (docs/protocol.md). */

/** @typedef {{servers: RTCIceServer[], policy: RTCIceTransportPolicy}} Relays */

/** For a new connection, and for one whose ICE begins anew. @param {Relays} [relays] @returns {RTCConfiguration} */
export function configurationBy({ servers, policy } = { servers: [], policy: "all" }) {
  return { bundlePolicy: "max-bundle", rtcpMuxPolicy: "require", iceServers: servers, iceTransportPolicy: policy };
}
