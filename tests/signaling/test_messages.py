"""Who may send what and when, as the full product; and what is read at all."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Conflict, Forbidden, Invalid
from server.signaling.messages import Hello, Message, Phase, Place, id_in, read, type_of
from server.signaling.protocol import RULES, check

FILLED = {
    "version": 1, "place": "desk", "booking": "261124-001-1", "help": 1, "sdp": "v=0", "microphone": True,
    "camera": False,
    "role": "unit", "name": "王", "key": "k", "speaker": "official", "text": "好", "what": "做", "unit": 1,
    "due_on": "2026-12-01", "outcome": "answered", "opinion": "好", "reason": "走了", "line": 1, "path": "M 1 1 L 2 2",
}  # fmt: skip


def example(kind: type[Message]) -> Message:
    """A message of this kind with every demanded field."""
    named = {name: FILLED[name] for name, one in kind.model_fields.items() if one.is_required() and name in FILLED}
    return kind.model_validate({"type": type_of(kind), "id": "1", **named})


@pytest.mark.parametrize("kind", list(RULES), ids=type_of)
def test_the_full_table_of_places_and_phases(kind: type[Message]) -> None:
    message, rule = example(kind), RULES[kind]
    for place, phase in itertools.product(Place, Phase):
        outcome: type[Exception] | None = None
        try:
            check(message, place, phase)
        except (Forbidden, Conflict) as refusal:
            outcome = type(refusal)
        expected = Forbidden if place not in rule.places else Conflict if phase not in rule.phases else None
        assert outcome is expected, (place, phase)


@pytest.mark.parametrize("kind", list(RULES), ids=type_of)
def test_what_a_page_sends_is_read_as_it_was_meant(kind: type[Message]) -> None:
    message = example(kind)
    assert read(message.model_dump_json()) == message


@given(st.text(max_size=200) | st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8)).map(str))
def test_anything_else_is_refused_by_name(text: str) -> None:
    refused = ""
    try:
        kind = type(read(text))
    except Invalid as refusal:
        kind, refused = Hello, refusal.code
    assert kind in RULES
    assert refused in {"", "bad_message"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"type":"ping","id":"7","more":1}', "7"),
        ('{"id":7}', None),
        ('{"id":""}', None),
        (f'{{"id":"{"x" * 65}"}}', None),
        ('{"id":"\\ud800"}', None),
        ("[]", None),
        ("nonsense", None),
        ("[" * 20000, None),
    ],
)
def test_what_was_not_understood_is_answered_by_its_id(text: str, found: str | None) -> None:
    assert id_in(text) == found


def test_only_the_kiosk_signs_and_only_the_desk_writes() -> None:
    kiosk = {type_of(kind) for kind, rule in RULES.items() if Place.TALK in rule.places}
    desk = {type_of(kind) for kind, rule in RULES.items() if Place.DESK in rule.places}
    assert {"confirm_line", "object_line", "sign"} <= kiosk - desk
    assert {"admit", "write_line", "promise", "end", "invite"} <= desk - kiosk
    assert {type_of(kind) for kind, rule in RULES.items() if Place.JOIN in rule.places} == {
        type_of(Hello),
        "ping",
        "offer",
        "switches",
    }
