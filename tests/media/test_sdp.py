"""Offers of real browsers are answered; anything else is refused by name."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from server.errors import Invalid
from server.media.sdp import LEVEL, MAX_OFFER, REFUSALS, TIME, TRANSPORT, Offer, read_offer
from server.media.sdp_answer import Ours, write_answer

OFFERS = sorted((Path(__file__).parent / "offers").glob("*.sdp"))
DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()
MUTATIONS = 20_000


def offer_of(name: str) -> str:
    return (Path(__file__).parent / "offers" / f"{name}.sdp").read_bytes().decode()


def answer(offer: Offer) -> str:
    ssrcs = {(one.kind, one.pair): (1000 + index, 2000 + index) for index, one in enumerate(offer.sections)}
    return write_answer(
        offer, Ours("ours", "our-password-of-22-chars", "AB:CD", ["192.0.2.9", "2001:db8::9"], 40000, ssrcs)
    )


def sections(sdp: str) -> list[list[str]]:
    return [["m=" + lines[0], *lines[1:]] for one in sdp.split("\r\nm=")[1:] if (lines := one.strip().split("\r\n"))]


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_offers_of_browsers_are_answered_section_by_section(path: Path) -> None:
    offer = read_offer(path.read_bytes().decode())
    told = sections(answer(offer))
    assert [one[0].split()[0] for one in told] == [f"m={one.kind}" for one in offer.sections]
    for one, lines in zip(offer.sections, told, strict=True):
        assert one.payload_type is not None
        assert f"a=mid:{one.mid}" in lines
        assert ("a=sendrecv" if one.pair == 0 else "a=sendonly") in lines
        assert "a=setup:passive" in lines
        assert sum(line.startswith("a=candidate:") for line in lines) == 2
        if one.kind == "video":
            assert lines[0].split()[3:] == [str(one.payload_type), str(one.rtx)]
            assert f"a=fmtp:{one.rtx} apt={one.payload_type}" in lines
            assert any(line.startswith("a=ssrc-group:FID") for line in lines)
        else:
            assert f"a=fmtp:{one.payload_type} minptime=10;useinbandfec=1;usedtx=0" in lines
            assert (one.red is not None) == (not path.stem.startswith("firefox"))


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_extensions_keep_the_browser_s_ids_and_only_what_is_used_is_answered(path: Path) -> None:
    text = path.read_bytes().decode()
    offer = read_offer(text)
    told = re.findall(r"a=extmap:(\d+) (\S+)", answer(offer))
    assert {address for _, address in told} == {LEVEL, TRANSPORT, TIME}
    assert all(f"a=extmap:{number} {address}" in text for number, address in told)
    assert not re.search("sdes:|a=rid|candidate:.*typ host.*generation", answer(offer))
    level = [lines for lines in sections(answer(offer)) if any(LEVEL in line for line in lines)]
    assert len(level) == 1


def test_the_first_pair_is_measured_by_transport_numbers_and_the_others_are_not() -> None:
    told = sections(answer(read_offer(offer_of("chromium_three_pairs"))))
    assert [any("transport-cc" in line for line in one) for one in told] == [True, True, False, False, False, False]
    assert [any(TIME in line for line in one) for one in told] == [False, True] * 3


def test_what_repairs_what_is_learned_from_the_offer() -> None:
    video = next(one for one in read_offer(offer_of("chromium_one_pair")).sections if one.kind == "video")
    ((repair, main),) = video.repairs.items()
    assert f"a=ssrc-group:FID {main} {repair}" in offer_of("chromium_one_pair")


def test_payload_types_and_ids_are_those_of_each_browser() -> None:
    chromium, firefox, safari = (read_offer(offer_of(f"{one}_one_pair")) for one in ("chromium", "firefox", "safari"))
    assert [one.payload_type for one in chromium.sections] == [111, 96]
    assert [one.payload_type for one in firefox.sections] == [109, 120]
    assert [one.payload_type for one in safari.sections] == [111, 102]
    assert [one.extension(TRANSPORT) for one in (chromium, firefox, safari)] == [3, 7, 3]
    assert [one.extension(TIME) for one in (chromium, firefox, safari)] == [2, 4, 2]


def test_candidates_are_ignored() -> None:
    named, bare = offer_of("firefox_candidates"), offer_of("firefox_one_pair")
    many = named + "a=candidate:1 1 udp 1 10.0.0.1 22 typ host\r\n" * 500
    assert [one.payload_type for one in read_offer(many).sections] == [
        one.payload_type for one in read_offer(bare).sections
    ]
    assert "10.0.0.1" not in answer(read_offer(many))


CHANGED: dict[str, Callable[[str], str]] = {
    "sdp_size": lambda text: text + "a=x\r\n" * MAX_OFFER,
    "sdp_characters": lambda text: text.replace("s=-", "s=\x00"),
    "sdp_sections": lambda text: text.split("m=")[0],
    "sdp_section": lambda text: text.replace("a=rtcp-mux\r\n", ""),
    "sdp_mid": lambda text: text.replace("a=mid:1", "a=mid:0"),
    "sdp_bundle": lambda text: text.replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
    "sdp_nothing_usable": lambda text: text.replace("opus/48000/2", "opus/8000").replace("VP8/", "VP7/"),
    "sdp_payload_type": lambda text: text.replace("a=rtpmap:97 rtx/90000", "a=rtpmap:96 rtx/90000"),
    "sdp_extension": lambda text: text.replace("a=extmap:2 http", "a=extmap:3 http"),
    "sdp_ice": lambda text: re.sub("a=ice-pwd:.*", "a=ice-pwd:!", text),
    "sdp_fingerprint": lambda text: text.replace("sha-256", "sha-1"),
    "sdp_setup": lambda text: text.replace("actpass", "passive"),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_its_name(code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_offer(CHANGED[code](offer_of("chromium_one_pair")))
    assert refusal.value.code == code
    assert f"| `{code}` | {REFUSALS[code]} |" in DOCUMENT


def test_a_section_of_something_else_is_rejected_and_the_rest_is_answered() -> None:
    text = offer_of("chromium_one_pair").replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2")
    text += "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    told = answer(read_offer(text))
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in told
    assert "a=group:BUNDLE 0 1\r\n" in told


def test_a_further_pair_never_sends() -> None:
    text = offer_of("chromium_three_pairs").replace("a=recvonly", "a=sendrecv")
    offer = read_offer(text)
    assert [one.sends for one in offer.sections] == [True, True, False, False, False, False]
    assert answer(offer).count("a=sendonly") == 4


def mutated(text: str, chance: random.Random) -> str:
    lines = text.split("\r\n")
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        line, other = lines[at], chance.choice(lines)
        cut = chance.randint(0, len(line))
        lines[at] = chance.choice(
            [
                "",
                other,
                line[:cut],
                line[:cut]
                + chance.choice(["\x00", "é", " ", "-1", "9" * 40, "\u2028", "/", ":", "=", "\r"])
                + line[cut:],
                re.sub(r"\d+", lambda _: str(chance.choice([0, -1, 255, 65536, 2**32, 2**64])), line),
                line.replace(" ", "  ", 1),
                "m=" + line,
                line[::-1],
                chance.choice(["m=video 9 UDP/TLS/RTP/SAVPF", "a=mid:", "a=extmap:0 " + LEVEL, "a=ssrc-group:FID 1"]),
            ]
        )
        if chance.random() < 0.1:
            start = chance.randrange(len(lines))
            del lines[start : start + chance.randint(1, 40)]
            lines = lines or [""]
    return "\r\n".join(lines)


def test_twenty_thousand_mutated_offers_are_read_and_answered_or_refused_by_name() -> None:
    chance = random.Random(20261125)  # noqa: S311 - seeded on purpose
    texts = [path.read_bytes().decode() for path in OFFERS]
    weights = [1 / len(text) for text in texts]
    codes: set[str] = set()
    answered = 0
    for _ in range(MUTATIONS):
        try:
            told = answer(read_offer(mutated(chance.choices(texts, weights)[0], chance)))
        except Invalid as refusal:
            codes.add(refusal.code)
        else:
            answered += 1
            assert told.isascii()
            assert re.fullmatch(r"(?:[a-z]=[ -~]*\r\n)+", told)
    assert codes <= set(REFUSALS)
    assert len(codes) > 8
    assert answered > 1000
