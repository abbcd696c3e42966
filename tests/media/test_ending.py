"""What is reported when a session is over, and in which order."""

import asyncio

from server.errors import Unavailable
from server.media.ending import end_recording
from server.media.ports import EventKind, MediaEvent


def ended(*digests: str, works: bool = True) -> list[MediaEvent]:
    """End a session whose seal is read as these digests, one after the other; what is reported."""
    told, seals = list[MediaEvent](), iter(digests)

    async def finalise(_session: str) -> None:
        if not works:
            raise Unavailable("finalise_failed", "The files could not be made.")
        told.append(MediaEvent(EventKind.ENGINE_READY, detail="files made"))

    asyncio.run(end_recording("s", None, seal=lambda _: next(seals), finalise=finalise, report=told.append))
    return told


def test_the_seal_is_told_before_the_files_are_made() -> None:
    kinds = [event.kind for event in ended("ab")]
    assert kinds == [EventKind.SEALED, EventKind.ENGINE_READY, EventKind.FINALISED]
    assert ended("ab")[0].detail == "ab"


def test_a_recording_sealed_with_its_files_is_told_afterwards() -> None:
    kinds = [event.kind for event in ended("", "ab")]
    assert kinds == [EventKind.ENGINE_READY, EventKind.SEALED, EventKind.FINALISED]


def test_without_a_recording_there_is_no_seal() -> None:
    assert EventKind.SEALED not in [event.kind for event in ended("", "")]


def test_files_that_cannot_be_made_leave_the_seal() -> None:
    assert [event.kind for event in ended("ab", works=False)] == [EventKind.SEALED]
