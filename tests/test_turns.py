"""Turns go to whoever waits longest."""

import time
from threading import Thread

from server.turns import Turns


def waiting(turns: Turns, count: int) -> None:
    while turns.waiting < count:
        time.sleep(0.001)


def test_the_turn_goes_to_whoever_waits_longest() -> None:
    turns, served = Turns(), list[int]()

    def take(name: int) -> None:
        assert turns.take(timeout=30)
        served.append(name)
        turns.give_back()

    assert turns.take(timeout=30)
    threads = [Thread(target=take, args=(name,)) for name in range(5)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        waiting(turns, count)
    turns.give_back()
    assert turns.take(timeout=30)
    assert served == [0, 1, 2, 3, 4]
    turns.give_back()
    for thread in threads:
        thread.join()


def test_whoever_has_the_turn_takes_it_again_and_gives_it_back_as_often() -> None:
    turns, told = Turns(), list[bool]()
    assert turns.take(timeout=0)
    assert turns.take(timeout=0)
    turns.give_back()
    other = Thread(target=lambda: told.append(turns.take(timeout=0.01)))
    other.start()
    other.join()
    turns.give_back()
    assert told == [False]
    assert turns.take(timeout=0)


def test_who_gave_up_is_not_served() -> None:
    turns, told = Turns(), list[bool]()
    assert turns.take(timeout=0)
    first = Thread(target=lambda: told.append(turns.take(timeout=0.01)))
    first.start()
    first.join()
    second = Thread(target=lambda: told.append(turns.take(timeout=30)))
    second.start()
    waiting(turns, 1)
    turns.give_back()
    second.join()
    assert told == [False, True]
    assert turns.waiting == 0
