"""Who speaks, by the levels that browsers send along (RFC 6464): -dBov, 0 loudest, 127 silence."""

from dataclasses import dataclass

BEGINS, GOES_ON = 42, 50
ENOUGH = 5
HOLD = 1.0


@dataclass(slots=True)
class Voice:
    """One seat's voice, at 50 packets a second: it begins after a tenth of a second of sound louder than breath
    and rustling, and ends a second after the last, so that a pause between words is none."""

    loud: int = 0
    heard_at: float = 0.0
    speaks: bool = False

    def take(self, level: int, now: float) -> None:
        """Note one packet's level."""
        if level <= (GOES_ON if self.speaks else BEGINS):
            self.loud = min(2 * ENOUGH, self.loud + 1)
            if self.loud >= ENOUGH:
                self.heard_at, self.speaks = now, True
        elif self.loud:
            self.loud -= 1

    def speaks_at(self, now: float) -> bool:
        """Whether this seat speaks; ends what has been silent for long enough."""
        if self.speaks and now - self.heard_at > HOLD:
            self.speaks, self.loud = False, 0
        return self.speaks
