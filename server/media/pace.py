"""How long datagrams may gather before they are taken together: the more come, the more one waking costs."""

from dataclasses import dataclass

WINDOW = 0.1
FEW, ENOUGH = 4, 12


@dataclass(slots=True)
class Pace:
    """Follows how many datagrams come in a second. ``longest`` is the longest wait in seconds."""

    longest: float
    rate: float = 0.0
    since: float = 0.0
    count: int = 0

    def take(self, count: int, now: float) -> None:
        """Count what came until ``now``."""
        self.count += count
        if now - self.since >= WINDOW:
            self.rate = self.count / (now - self.since)
            self.since, self.count = now, 0

    @property
    def wait(self) -> float:
        """Seconds until ``ENOUGH`` have come, at most ``longest``; nothing where not even ``FEW`` would come in it."""
        if self.rate * self.longest < FEW:
            return 0.0
        return min(self.longest, ENOUGH / self.rate)
