"""What the auditor reads for actions, subjects and details: English messages, translated where they are shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SUBJECTS: dict[str, str] = {
    "user": "Account",
    "kiosk": "Kiosk",
    "point": "Village point",
    "unit": "Unit",
    "reception_day": "Reception day",
    "booking": "Booking",
    "session": "Reception session",
    "petition": "Petition",
    "follow_up": "Follow-up",
    "help_call": "Call for help",
    "calendar": "Calendar",
    "plan": "Plan",
    "trial": "Trial of the planning aid",
    "feed": "Calendar address",
    "audit": "Audit log",
}
ACTIONS: dict[str, str] = {
    "user.signed_in": "Signed in",
    "user.locked_out": "Shut out after wrong passwords",
    "user.signed_out_everywhere": "Signed somebody out everywhere",
    "user.added": "Added an account",
    "user.changed": "Changed an account",
    "user.locked": "Locked an account",
    "user.unlocked": "Unlocked an account",
    "user.password_made": "Made a new password",
    "user.password_changed": "Changed the own password",
    "kiosk.code_made": "Made a code for a kiosk",
    "kiosk.enrolled": "Enrolled a kiosk",
    "kiosk.revoked": "Stopped a kiosk",
    "point.added": "Added a village point",
    "point.changed": "Changed a village point",
    "point.closed": "Closed a village point",
    "point.opened": "Opened a village point again",
    "unit.added": "Added a unit",
    "unit.renamed": "Renamed a unit",
    "unit.closed": "Closed a unit",
    "unit.opened": "Opened a unit again",
    "reception_day.added": "Added a reception day",
    "reception_day.changed": "Changed a reception day",
    "reception_day.cancelled": "Cancelled a reception day",
    "plan.made": "Made a plan",
    "plan.changed": "Changed a plan",
    "plan.publish": "Published a plan",
    "plan.withdraw": "Took a plan back",
    "plan.excepted": "Made an exception from a plan",
    "plan.unexcepted": "Took an exception from a plan back",
    "plan.carried_out": "Brought reception days in line with a plan",
    "trial.ask": "Asked for a trial of the planning aid",
    "trial.cancel": "Stopped a trial of the planning aid",
    "trial.finish": "A trial of the planning aid was played",
    "trial.fail": "A trial of the planning aid could not be played",
    "feed.renewed": "Renewed a calendar address",
    "booking.moved": "Gave a booking another time",
    "calendar.adopted": "Put a year's working days in force",
    "deadline.recomputed": "Computed a deadline anew",
    "booking.booked": "Booked a talk",
    "booking.check_in": "Checked a visitor in",
    "booking.admit": "Admitted a visitor",
    "booking.hold": "Let a visitor wait aside",
    "booking.bring_back": "Brought a visitor back to the list",
    "booking.mark_absent": "Marked a visitor absent",
    "booking.finish": "Finished a talk",
    "booking.cancel": "Cancelled a booking",
    "petition.made": "Wrote down a matter",
    "petition.admit": "Began the talk about a matter",
    "petition.end_talk": "Ended the talk with an outcome",
    "petition.sign": "Closed the reading back of the minutes",
    "petition.approve": "Approved the minutes",
    "petition.send_back": "Returned the minutes",
    "petition.resubmit": "Handed the minutes in again",
    "petition.take_up": "Took a matter up",
    "petition.close": "Closed a matter",
    "petition.withdraw": "Took a matter back",
    "petition.unmasked": "Saw a petitioner's name and number in full",
    "paper.added": "Added a photographed paper",
    "petition.seen": "Opened a matter",
    "minutes.seen": "Read the minutes",
    "minutes.printed": "Printed the minutes",
    "recording.seen": "Watched a recording",
    "recording.deleted": "Deleted a recording",
    "recording.held": "Kept a recording from being deleted",
    "recording.released": "Let a recording be deleted again",
    "recording.sealed": "A recording was sealed",
    "hand_out.ask": "Asked for one file of a recording to hand out",
    "hand_out.cancel": "Took back the wish for a file to hand out",
    "hand_out.finish": "A file to hand out was made",
    "hand_out.fail": "A file to hand out could not be made",
    "hand_out.taken": "Took a recording out of the house",
    "follow_up.report": "Reported on a promise",
    "follow_up.finish": "Kept a promise",
    "help.called": "Called for help",
    "help.answered": "Answered a call for help",
    "audit.read": "Read the audit log",
    "audit.checked": "Checked the chain of the audit log",
}
ROLES: dict[str, str] = {
    "official": "Official",
    "clerk": "Clerk",
    "handler": "Handler",
    "agent": "Agent",
    "administrator": "Administrator",
    "auditor": "Auditor",
    "kiosk": "Kiosk",
    "guest": "Invited guest",
    "public": "Nobody signed in",
}
DETAILS: dict[str, str] = {
    "why": "Reason",
    "name": "What it is called",
    "address": "Address",
    "has_video": "Video",
    "role": "Role",
    "unit": "Unit",
    "point": "Village point",
    "post": "Post",
    "display_name": "Person's name",
    "times": "Times",
    "bookings": "Bookings",
    "who": "Searched by name",
    "action": "Deed",
    "subject": "About",
    "subject_id": "Its number",
    "seal": "Check code of the recording",
    "since": "From day",
    "until": "To day",
    "before": "Older than",
    "entries": "Entries",
    "year": "Year",
    "new": "Days added",
    "changed": "Days with other times",
    "gone": "Days taken out",
    "kept": "Days that wait with bookings",
    "same": "Days the same",
    "day": "Day",
    "revision": "Version",
    "source": "Where from",
    "kind": "Kind",
    "due_on": "Due",
    "provisional": "provisional",
    "broken_at": "Does not follow",
    "files": "Files",
    "bytes": "Bytes",
}
WORDS: dict[str, str] = {
    "True": "Yes",
    "False": "No",
    "booked": "Booked",
    "waiting": "Waiting",
    "held": "Waiting aside",
    "in_session": "Talking now",
    "absent": "Absent",
    "done": "Done",
    "cancelled": "Cancelled",
    "read_back": "Minutes being read back",
    "in_review": "Minutes in review",
    "returned": "Returned to the official",
    "registered": "Registered",
    "handling": "Being handled",
    "closed": "Closed",
    "draft": "Draft",
    "published": "Published",
    "withdrawn": "Withdrawn",
    "old": "of great age",
    "disabled": "disabled",
    "ill": "ill or pregnant",
    "far": "comes from far",
    "deadline": "has a deadline that is near",
    "retention": "Its time was over",
    "open": "Not begun",
    "in_progress": "In progress",
    **ROLES,
    **ACTIONS,
    **SUBJECTS,
}


@dataclass(frozen=True)
class Told:
    """One thing of an entry's detail: its label, what it was (empty where nothing changed), what it is."""

    label: str
    before: str
    after: str


def _word(value: object) -> str:
    return WORDS.get(str(value), str(value))


def told(detail: Mapping[str, object]) -> Iterator[Told]:
    """A detail in the order a person reads it: the change first, then the rest; what is empty is left out."""
    if "from" in detail and "to" in detail:
        yield Told("", _word(detail["from"]), _word(detail["to"]))
    for key, value in detail.items():
        label = DETAILS.get(key, key)
        if key in {"from", "to"} or value in ("", None):
            continue
        if isinstance(value, Mapping):
            yield Told(label, _word(value.get("from", "")), _word(value.get("to", "")))
        else:
            yield Told(label, "", _word(value))
