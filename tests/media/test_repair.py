"""Voices and pictures over lines that lose, repeat, overtake and are narrow; counted, in a time of their own."""

from collections import Counter

import pytest

from server.media.dtls import Keys
from server.media.ports import SeatState
from server.media.rtcp import Nack, PictureLost, SenderReport, read_compound
from server.media.rtp_packet import signed_step
from server.media.transport_feedback import Arrivals
from tests.media.table import Clear, Seat, Table, hop


def two(
    loss: float = 0.0, *, twice: float = 0.0, late: float = 0.0, offer: str = "chromium_one_pair"
) -> tuple[Table, Seat, Seat]:
    table = Table()
    lines = [hop(seed, loss=loss, twice=twice, late=late) for seed in range(4)]
    kiosk = table.seat("petitioner", offer=offer, up=lines[0], down=lines[1])
    desk = table.seat("official", offer=offer, up=lines[2], down=lines[3])
    return table, kiosk, desk


def missing(seat: Seat, kind: str) -> float:
    """The share of a stream's numbers that never came, without the last half second."""
    got = sorted(seat.received(kind))
    expected = got[-1] - got[0] + 1
    return 1 - len(got) / expected


def test_without_loss_every_packet_arrives_once_and_in_order() -> None:
    table, kiosk, desk = two()
    table.play(5)
    for one in (kiosk, desk):
        voices = list(one.received("audio").values())
        assert len(voices) > 240
        assert [one[:-8] for one in voices] == [b"voice%d" % one + bytes(70) for one in range(len(voices))]
    assert max(Counter(table.kept.packets).values()) == 1
    assert [one.state for one in table.room.health(table.now)] == [SeatState.CONNECTED] * 2


@pytest.mark.parametrize(("loss", "may_miss"), [(0.05, 0.005), (0.10, 0.01), (0.20, 0.03)])
def test_what_two_lossy_hops_lose_is_repaired_hop_by_hop(loss: float, may_miss: float) -> None:
    table, kiosk, desk = two(loss)
    table.play(30)
    assert kiosk.up.lost > 0.8 * loss * 30 * 80
    for one in (kiosk, desk):
        assert missing(one, "audio") <= may_miss
        assert missing(one, "video") <= may_miss
    kept = Counter((seat, kind) for seat, kind, _ in set(table.kept.packets))
    assert kept["petitioner", "audio"] >= (1 - may_miss) * (kiosk.numbers[kiosk.ssrc] - 50)
    assert max(Counter(table.kept.packets).values()) == 1


def test_a_line_that_loses_every_fifth_packet_bears_pictures_all_the_time() -> None:
    table, _, _ = two(0.20)
    table.play(60)
    assert {state for states in table.states.values() for state in states} <= {"connected", "weak"}


def test_without_retransmissions_in_the_offer_packets_are_sent_again_as_they_were() -> None:
    table, kiosk, desk = two(0.10)
    for one in (kiosk, desk):
        one.rtx = False
        for stream in one.peer.outgoing.values():
            stream.rtx = None
    table.play(20)
    assert missing(desk, "video") <= 0.01
    assert all(stream.rtx_sequence == 0 for stream in desk.peer.outgoing.values() if stream.rtx is None)


def test_who_has_a_good_line_never_asks_for_what_another_lost_on_a_bad_one() -> None:
    table = Table()
    table.seat("petitioner", offer="chromium_one_pair", up=hop(1, loss=0.05), down=hop(2, loss=0.05))
    desk = table.seat("official", offer="chromium_one_pair", up=hop(3), down=hop(4))
    table.play(20)
    assert desk.asked[90_000] == 0
    assert missing(desk, "video") == 0


def test_retransmissions_go_under_their_own_source_and_numbers() -> None:
    table, _, desk = two(0.10)
    table.play(10)
    stream = desk.peer.stream_out("video", 0)
    assert stream.rtx == 97
    assert stream.rtx_ssrc != stream.ssrc
    assert stream.rtx_sequence > 20


def test_repeated_and_overtaken_packets_are_recorded_once_and_hardly_asked_for() -> None:
    table, kiosk, _ = two(twice=0.1, late=0.1)
    table.play(20)
    again = [one for one, count in Counter(table.kept.packets).items() if count > 1 and one[1] == "video"]
    assert len(again) <= 0.12 * len(table.kept.packets)
    asked = sum(len(one.sequences) for data in kiosk.rtcp for one in read_compound(data) if isinstance(one, Nack))
    assert asked < 0.15 * (kiosk.transport)


def test_padding_that_probes_the_line_is_told_of_and_goes_nowhere() -> None:
    table, kiosk, desk = two()
    table.play(1)
    kept, got = len(table.kept.packets), len(desk.received("video"))
    kiosk.transport += 1
    block = b"\xbe\xde\x00\x01\x31" + (kiosk.transport % 65536).to_bytes(2, "big") + b"\x00"
    probe = bytes((0xB0, 97)) + bytes(6) + (kiosk.ssrc + 2).to_bytes(4, "big") + block + bytes(199) + b"\xc8"
    told = len(kiosk.rtcp)
    table.room.deliver(kiosk.peer, probe, table.now, live=True)
    assert (len(table.kept.packets), len(desk.received("video"))) == (kept, got)
    kiosk.peer._told_at = 0.0
    kiosk.peer.repair(table.now)
    table._carry()
    table.now += 0.02
    table._carry()
    feedback = [one for one in kiosk.rtcp[told:] if b"\x8f\xcd" in one]
    assert feedback


def test_every_packet_of_a_sender_is_told_of_exactly_once_where_nothing_is_lost() -> None:
    table, kiosk, _ = two()
    table.play(5)
    told = 0
    for compound in kiosk.rtcp:
        place = compound.find(b"\x8f\xcd")
        if place >= 0:
            told += int.from_bytes(compound[place + 14 : place + 16], "big")
    assert kiosk.transport - 20 <= told <= kiosk.transport
    assert isinstance(kiosk.peer._arrivals, Arrivals)


def test_a_voice_is_whole_on_150_kilobits_and_pictures_come_back_with_the_line() -> None:
    table = Table()
    table.seat("petitioner", offer="chromium_one_pair")
    desk = table.seat("official", offer="chromium_one_pair", down=hop(7))
    table.play(5)
    desk.down.way.rate = 150_000
    table.play(25)
    assert table.states["official"][-1] == SeatState.VOICE_ONLY
    assert table.states["petitioner"][-1] == SeatState.CONNECTED
    voices = set(desk.received("audio").values())
    pictures = len(desk.received("video"))
    table.play(2)
    heard = []
    for _ in range(90):
        table.play(1)
        heard.append(len(set(desk.received("audio").values()) - voices))
        voices |= set(desk.received("audio").values())
    assert sum(heard) >= 0.98 * 90 * 50
    assert sum(one >= 50 for one in heard) >= 80
    desk.down.way.rate = 3_000_000
    table.play(90)
    assert table.states["official"][-1] == SeatState.CONNECTED
    assert len(desk.received("video")) > pictures + 1000


def test_a_narrow_line_of_one_takes_the_picture_from_nobody_else() -> None:
    table = Table()
    table.seat("petitioner")
    table.seat("official", down=hop(7, rate=150_000))
    guest = table.seat("guest-1")
    seen = []
    for _ in range(30):
        table.play(1)
        seen.append(table.states["official"][-1])
    assert seen.count(SeatState.VOICE_ONLY) >= 20
    assert len(guest.received("video", 0)) > 500
    told = []
    for _ in range(60):
        table.play(1)
        told.append(table.room.peers["petitioner"].bitrate)
    assert sum(one > 300_000 for one in told) > 45


def test_the_sender_is_told_the_tightest_way_down() -> None:
    table = Table()
    kiosk = table.seat("petitioner")
    table.seat("official", down=hop(7, rate=400_000))
    table.seat("guest-1")
    table.play(20)
    assert 90_000 <= kiosk.peer.bitrate <= 200_000
    assert table.room.peers["official"].bitrate > 500_000


def test_six_receive_each_other() -> None:
    table = Table()
    names = ["petitioner", "official", "guest-1", "guest-2", "guest-3", "guest-4"]
    seats = [table.seat(name) for name in names]
    table.play(5)
    for seat in seats:
        for pair in range(5):
            assert len(seat.received("audio", pair)) > 230
            assert len(seat.received("video", pair)) > 100
    offer = seats[0].peer.offer
    assert table.room.is_full_for("guest-5", offer)
    assert not table.room.is_full_for("guest-4", offer)


def test_who_only_listens_is_on_nobody_s_pairs() -> None:
    table = Table()
    table.seat("petitioner")
    clerk = table.seat("recorder-1", offer="chromium_listens")
    desk = table.seat("official")
    table.play(2)
    assert len(clerk.received("audio", 0)) > 80
    assert len(clerk.received("video", 1)) > 40
    assert len(desk.received("audio", 0)) > 80
    assert table.room.order == ["petitioner", "official"]
    assert [(one.seat, one.listens) for one in table.room.health(table.now)] == [
        ("petitioner", False),
        ("official", False),
        ("recorder-1", True),
    ]


def test_a_picture_is_asked_for_that_nobody_sends_and_nothing_happens() -> None:
    table, _, desk = two(offer="chromium_five_pairs")
    for pair in range(5):
        ssrc = desk.peer.stream_out("video", pair).ssrc.to_bytes(4, "big")
        table.room.reported(desk.peer, b"\x81\xce\x00\x02" + bytes(4) + ssrc, table.now)
    assert table.room.peers["petitioner"].keyframe_wanted


def test_a_picture_is_asked_for_when_a_newcomer_can_see_it_and_not_before() -> None:
    table = Table()
    kiosk = table.seat("petitioner").peer
    table.play(1)
    desk = table.seat("official", ready=False).peer
    assert not kiosk.keyframe_wanted
    desk.keys = Keys(Clear(), Clear())
    table.room.seat(desk)
    assert kiosk.keyframe_wanted


def test_who_has_just_connected_is_not_lost_and_who_then_says_nothing_is() -> None:
    table = Table()
    kiosk = table.seat("petitioner").peer
    assert kiosk.judge(table.now) is not SeatState.LOST
    assert kiosk.judge(table.now + 2) is not SeatState.LOST
    assert kiosk.judge(table.now + 4) is SeatState.LOST


def test_what_an_outage_took_is_not_asked_for_again_but_a_new_picture_is() -> None:
    table, kiosk, desk = two()
    table.play(2)
    kiosk.up.way.loss = 1.0
    table.play(1.5)
    kiosk.up.way.loss = 0.0
    kiosk.rtcp.clear()
    table.play(0.2)
    heard = [one for data in kiosk.rtcp for one in read_compound(data)]
    assert not any(isinstance(one, Nack) for one in heard)
    assert any(isinstance(one, PictureLost) for one in heard)
    assert desk.peer.state is SeatState.CONNECTED


def test_who_speaks_is_known_from_the_levels() -> None:
    table, kiosk, desk = two()
    kiosk.level, desk.level = 30, 80
    table.play(1)
    assert table.room.speaking(table.now) == ("petitioner",)
    kiosk.level, desk.level = 127, 25
    table.play(3)
    assert table.room.speaking(table.now) == ("official",)
    assert [one.speaking for one in table.room.health(table.now)] == [False, True]


def test_lips_and_voice_agree_through_reloads() -> None:
    """By the reports that it gets, the receiver places voice and picture at the instants they were made at."""
    table, _, desk = two()
    streams = [(desk.peer.stream_out(kind, 0), rate) for kind, rate in (("audio", 48000), ("video", 90000))]
    for reload in range(4):
        table.play(1.7)
        table.seats["petitioner"].report(table.now)
        table.play(0.5)
        told = {one.ssrc: one for data in desk.rtcp for one in read_compound(data) if isinstance(one, SenderReport)}
        for stream, rate in streams:
            report, (timestamp, made) = told[stream.ssrc], desk.stamps[stream.ssrc]
            passed = signed_step(timestamp, report.timestamp, 32) / rate
            assert abs(report.ntp / 2**32 + passed - made) < 0.0001
        assert len(desk.received("audio")) > (reload + 1) * 80
        table.seat("petitioner", offer="chromium_one_pair").ssrc += 50 * reload + 7


def test_a_flood_of_requests_is_answered_within_the_line_s_allowance() -> None:
    table, kiosk, desk = two()
    table.play(5)
    stream = desk.peer.stream_out("video", 0)
    everything = [int.from_bytes(one[2:4], "big") for one in stream.heads if one]
    table.outbox.flush()
    table.wire.sent.clear()
    for _ in range(200):
        desk.peer.resend(stream.ssrc, everything, table.now)
        table.outbox.flush()
    assert sum(len(data) for data, _ in table.wire.sent) <= 25_000
    keyframes = kiosk.keyframes
    for _ in range(100):
        table.room.reported(desk.peer, b"\x81\xce\x00\x02" + bytes(4) + stream.ssrc.to_bytes(4, "big"), table.now)
        table.play(0.01)
    assert kiosk.keyframes - keyframes <= 3
