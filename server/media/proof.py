"""Whether a recording can be trusted at this moment. Pure: evidence in, an alarm or nothing out."""

from dataclasses import dataclass

from server.media.ports import Alarm

STILL_AFTER = 4.0
NO_SOUND_AFTER = 4.0
DIGITAL_SILENCE_AFTER = 60.0
LAG_ALLOWED = 4.0
LEAST_FREE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a running recording. Ages are seconds before now, counted from the run's start at most.

    ``sound_age`` is the age of the last packet that was louder than digital silence or had no level;
    muted microphones still send packets, so only a full minute of exact silence from everybody counts.
    """

    growth_age: float
    audio_age: float
    sound_age: float
    length: float
    clock: float
    dropped: int = 0
    disk_error: str = ""
    free_bytes: int | None = None


def judge(evidence: Evidence) -> Alarm | None:
    """The gravest alarm, or None while all is well. Called each second, every fault is told within 5 s."""
    if evidence.disk_error or evidence.dropped:
        return Alarm.DISK
    if evidence.free_bytes is not None and evidence.free_bytes < LEAST_FREE_BYTES:
        return Alarm.DISK
    if evidence.growth_age > STILL_AFTER:
        return Alarm.NOT_GROWING
    if evidence.audio_age > NO_SOUND_AFTER or evidence.sound_age > DIGITAL_SILENCE_AFTER:
        return Alarm.SILENT
    if abs(evidence.clock - evidence.length) > LAG_ALLOWED:
        return Alarm.LENGTH_OFF
    return None
