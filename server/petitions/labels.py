"""What people read for the words of the record: English messages, translated where they are shown."""

from server.petitions.deadlines import Clock
from server.petitions.words import CancelReason, Fate, FollowUpState, PetitionState, ReadBack, VersionCause, Way

STATES: dict[PetitionState, str] = {
    PetitionState.BOOKED: "Booked",
    PetitionState.IN_SESSION: "Talking now",
    PetitionState.READ_BACK: "Minutes being read back",
    PetitionState.IN_REVIEW: "Minutes in review",
    PetitionState.RETURNED: "Returned to the official",
    PetitionState.REGISTERED: "Registered",
    PetitionState.HANDLING: "Being handled",
    PetitionState.CLOSED: "Closed",
    PetitionState.WITHDRAWN: "Withdrawn",
}
STATES_FOR_VILLAGERS: dict[PetitionState, str] = {
    PetitionState.BOOKED: "Your talk is booked. Please come to the village point at the booked time.",
    PetitionState.IN_SESSION: "You are talking with the official at this moment.",
    PetitionState.READ_BACK: "The talk is over. Please check the minutes at the kiosk and sign them.",
    PetitionState.IN_REVIEW: "We are checking the minutes. After that your matter gets its number.",
    PetitionState.RETURNED: "The minutes are being completed. You need not do anything.",
    PetitionState.REGISTERED: "Your matter is registered and has been given to the unit.",
    PetitionState.HANDLING: "The unit is working on your matter.",
    PetitionState.CLOSED: "Your matter is closed.",
    PetitionState.WITHDRAWN: "You have taken this matter back.",
}
FOLLOW_UPS: dict[FollowUpState, str] = {
    FollowUpState.OPEN: "Not begun",
    FollowUpState.IN_PROGRESS: "In progress",
    FollowUpState.DONE: "Kept",
}
READ_BACKS: dict[ReadBack, str] = {
    ReadBack.PENDING: "Not answered",
    ReadBack.CONFIRMED: "Confirmed",
    ReadBack.OBJECTED: "Objection",
}
VERSIONS: dict[VersionCause, str] = {
    VersionCause.SIGNED: "signed at the kiosk",
    VersionCause.UNSIGNED: "closed without a signature",
    VersionCause.RETURNED: "returned",
    VersionCause.HANDED_IN: "handed in again",
    VersionCause.APPROVED: "approved and sealed",
}
SPEAKERS: dict[str, str] = {
    "petitioner": "Petitioner",
    "official": "Official",
    "agent": "Agent",
    "other": "Other person",
}
ROLES: dict[str, str] = {
    "petitioner": "Petitioner",
    "official": "Official",
    "recorder": "Recorder",
    "unit": "Unit called in",
    "interpreter": "Interpreter",
    "agent": "Agent",
    "witness": "Witness",
    "companion": "Companion",
    "joint": "Receives together",
    "representative": "Representative",
    "mandate": "Acts by mandate",
}
EVENTS: dict[str, str] = {
    "admitted": "The visitor was admitted",
    "joined": "Came in",
    "left": "Left",
    "gap": "The connection was interrupted",
    "lost": "The connection was interrupted",
    "back": "The connection came back",
    "paused": "The recording was paused",
    "resumed": "The recording went on",
    "paper": "A paper was photographed",
    "help": "Help was called",
    "alarm": "The recording was in doubt",
    "recording_alarm": "The recording was in doubt",
    "recording_healthy": "The recording was right again",
    "recording_started": "The recording began",
    "engine_lost": "The connection of all was interrupted",
    "invited": "Somebody was called in",
    "recording_restarted": "The recording was started again",
    "wishes_to_end": "The visitor wished to end",
    "talk_ended": "The talk ended",
    "read_back": "The read-back began",
    "signed": "Signed",
    "unsigned": "Ended without a signature",
}
OTHER_EVENT = "Something else happened"
FLAGS: dict[str, str] = EVENTS | {
    "no_consent": "The petitioner did not agree to be recorded; there is no recording",
    "unsigned": "The petitioner did not sign",
    "objection": "The petitioner objects to this line",
    "unwritten": "Much was said, no line",
    "line_in_gap": "A line, but nothing recorded",
    "no_follow_up": "Words of a promise, no follow-up",
    "length_off": "The length of the recording is off",
}
HAND_OUT_FAULTS: dict[str, str] = {
    "no_room": "There is too little room on the disk. Please tell the administrator, then try again.",
    "not_written": "The disk did not take the file. Please tell the administrator, then try again.",
    "file_locked": "This file is locked, and its key is not set up here. Please tell the administrator.",
    "file_damaged": "A recording was changed or cut off on the disk. Please tell the administrator.",
}
HAND_OUT_BROKEN = "The file could not be made. Please try again."
CLOCKS: dict[str, str] = {
    Clock.DISPATCH.value: "Register and dispatch",
    Clock.ACCEPT.value: "Accept or refuse, told in writing",
    Clock.TARGET.value: "Our own target for handling",
    Clock.HANDLE.value: "Handle",
}
CANCEL_REASONS: dict[CancelReason, str] = {
    CancelReason.NO_TIME: "I have no time then",
    CancelReason.SOLVED: "It is solved already",
    CancelReason.OTHER: "Another reason",
}
WAYS: dict[Way, str] = {
    Way.DEPUTY: "Somebody else receives",
    Way.SWAP: "Swap the reception",
    Way.MOVE: "Give everybody another time",
}
FATES: dict[Fate, str] = {
    Fate.DEPUTY: "Same day and time, another official",
    Fate.DATE: "Same official, another date",
    Fate.KEPT: "Same day and time, without the absent official",
    Fate.MOVED: "Same official, another time",
    Fate.OFFERED: "Another official is offered, the time is held",
    Fate.LISTED: "No time yet, first on the waitlist by the old booking",
}
