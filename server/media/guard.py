"""What one connection may cost the process, so that one who floods from a seat takes nothing from the others."""

from dataclasses import dataclass, field

from server.media.udp import Address

RATE, BURST = 1_000_000, 3_000_000
PER_PACKET, RTCP_WEIGHT = 300, 8
MOST_SOURCES = 32


@dataclass(slots=True)
class Guard:
    """Spent by what was decrypted, so that nobody else can spend it; ``left`` is in bytes, refilled by the clock.

    A second of pictures and sound at the highest bitrate costs 300,000; what waits in the kernel's buffer after a
    standstill fits into a full one. ``sources`` are those whose packets were decrypted: libsrtp keeps something of
    each. ``nominated`` is the address that a check asks us to send to: one heard on the way and said again elsewhere
    is as good as the first, so nothing is sent there before something came that only the browser can encrypt.
    """

    left: float = BURST
    at: float = 0.0
    sources: set[bytes] = field(default_factory=set)
    nominated: Address | None = None

    def admits(self, source: bytes) -> bool:
        """Whether a packet of this source is to be decrypted."""
        return self.left > 0 and (source in self.sources or len(self.sources) < MOST_SOURCES)

    def spend(self, source: bytes, weight: int) -> None:
        """Charge a decrypted packet."""
        self.sources.add(source)
        self.left -= PER_PACKET + weight

    def refill(self, now: float) -> None:
        """Let time pass."""
        self.left = min(BURST, self.left + RATE * (now - self.at)) if self.at else BURST
        self.at = now
