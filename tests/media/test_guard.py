"""What one connection may cost."""

from server.media.guard import BURST, MOST_SOURCES, PER_PACKET, RATE, RTCP_WEIGHT, Guard

ONE = b"\0\0\0\1"


def spent(guard: Guard) -> int:
    """Packets of 1,000 bytes until no more are admitted."""
    count = 0
    while guard.admits(ONE):
        guard.spend(ONE, 1000)
        count += 1
    return count


def test_a_burst_and_then_the_rate() -> None:
    guard = Guard()
    guard.refill(10.0)
    assert spent(guard) == -(-BURST // (1000 + PER_PACKET))
    guard.refill(12.0)
    assert RATE * 2 / (1000 + PER_PACKET) - 1 < spent(guard) <= RATE * 2 / (1000 + PER_PACKET) + 1
    guard.refill(1000.0)
    assert guard.left == BURST


def test_pictures_at_the_highest_bitrate_with_repairs_and_reports_are_far_below_it() -> None:
    picture, sound, repairs, reports = 400 * 1200, 50 * 150, 100 * 1200, 60 * 120 * RTCP_WEIGHT
    assert picture + sound + repairs + reports + (400 + 50 + 100 + 60) * PER_PACKET < RATE


def test_so_many_sources_and_no_more_and_those_known_go_on() -> None:
    guard = Guard()
    for number in range(1000):
        source = number.to_bytes(4, "big")
        if guard.admits(source):
            guard.spend(source, 0)
    assert len(guard.sources) == MOST_SOURCES
    assert guard.admits(ONE)
