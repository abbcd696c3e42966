"""The drawing of a result: everything stands on it, in its place."""

from hypothesis import given
from hypothesis import strategies as st

from server.planning.chart import LEFT, MOST_TICKS, RIGHT, WIDTH, chart
from server.planning.summing import Group, Line, spread

spreads = st.lists(st.floats(0, 3000), max_size=20).map(spread)
lines = st.lists(st.builds(Line, st.sampled_from(Group), spreads, spreads), max_size=4)


@given(lines)
def test_every_bar_stands_on_the_drawing_in_order(told: list[Line]) -> None:
    made = chart(told)
    for band in made.bands:
        for bar in band.bars:
            assert LEFT <= bar.start <= bar.median <= bar.end <= bar.longest <= WIDTH - RIGHT + 0.1
            assert 0 <= bar.y < made.floor
    assert made.ticks[0] == (LEFT, 0)
    assert 2 <= len(made.ticks) <= MOST_TICKS + 2
    assert len(made.bands) == sum(bool(one.now.count or one.then.count) for one in told)


def test_a_bar_is_as_long_as_its_minutes() -> None:
    made = chart([Line(Group.ALL, spread([10.0, 20.0]), spread([5.0]))])
    now = made.bands[0].bars[0]
    scale = (WIDTH - LEFT - RIGHT) / 20
    assert (now.start, now.longest) == (LEFT + 10 * scale, LEFT + 20 * scale)
    assert [value for _, value in made.ticks] == [0, 5, 10, 15, 20]
