"""What people read for the words of the planning aid: English messages, translated where they are shown."""

from server.planning.summing import Group, Verdict
from server.planning.words import TrialState

STATES: dict[str, str] = {
    TrialState.WAITING.value: "Waits until no talk needs the machine",
    TrialState.PLAYING.value: "Is being played",
    TrialState.DONE.value: "Done",
    TrialState.FAILED.value: "Failed",
    TrialState.CANCELLED.value: "Stopped",
}
FAULTS: dict[str, str] = {
    "no_history": "No talk has been held in the last half year, so there is nothing to learn from.",
    "broken": "The trial broke off three times. Please try it with fewer days, or tell those who run the server.",
}
GROUPS: dict[str, str] = {
    Group.ALL.value: "All visitors",
    Group.BOOKED.value: "With a booking",
    Group.WALK_INS.value: "Without a booking",
    Group.LEADS.value: "Until the booked day",
}
WAITS: dict[str, str] = {
    Verdict.SHORTER.value: "On the day people wait %(by)s minutes less on average: %(then)s instead of %(now)s.",
    Verdict.LONGER.value: "On the day people wait %(by)s minutes longer on average: %(then)s instead of %(now)s.",
    Verdict.SAME.value: "On the day people wait as long as now: %(now)s minutes on average.",
    Verdict.UNSURE.value: "Whether people wait longer or less on the day is not clear: %(then)s minutes, now %(now)s.",
}
LEADS: dict[str, str] = {
    Verdict.SHORTER.value: "Who books gets a time %(by)s days sooner: in %(then)s days instead of %(now)s.",
    Verdict.LONGER.value: "Who books gets a time %(by)s days later: in %(then)s days instead of %(now)s.",
    Verdict.SAME.value: "Who books gets a time as soon as now: in %(now)s days.",
    Verdict.UNSURE.value: "Whether bookings come sooner or later is not clear: %(then)s days, now %(now)s.",
}
