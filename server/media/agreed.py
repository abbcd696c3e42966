"""What one browser's numbers mean: payload types, extension ids, which source repairs which."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.media import redundancy, retransmission
from server.media.rewrite import Header
from server.media.sdp import TRANSPORT, Offer


@dataclass(frozen=True, slots=True)
class Agreed:
    """Taken from an offer. ``uses`` has audio, video, rtx and red by payload type; nothing else is let through."""

    uses: Mapping[int, str]
    repairs: Mapping[int, int]
    level_id: int
    transport_id: int

    @classmethod
    def of(cls, offer: Offer) -> "Agreed":
        """What an offer and our answer agree on."""
        uses: dict[int, str] = {}
        for one in offer.sections:
            told = {one.payload_type: one.kind, one.rtx: "rtx", one.red: "red"}
            uses.update({number: use for number, use in told.items() if number is not None})
        repairs = {repair: main for one in offer.sections for repair, main in one.repairs.items()}
        level_id = next((one.level_id for one in offer.sections if one.kind == "audio"), 0)
        return cls(uses, repairs, level_id, offer.extension(TRANSPORT))

    def payload_type(self, kind: str) -> int:
        """The number of plain sound or pictures."""
        return next((number for number, use in self.uses.items() if use == kind), 0)

    def unwrapped(self, data: bytes, header: Header, ssrc: int) -> bytes | None:
        """The packet inside of a retransmission of ``ssrc`` or of redundant sound; None where there is none."""
        if self.uses[header.payload_type] == "red":
            return redundancy.newest(data, header, self.payload_type("audio"))
        return retransmission.unwrap(data, header, payload_type=self.payload_type("video"), ssrc=ssrc)
