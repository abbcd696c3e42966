"""Words for a matter, domain.md section 5: codes for machines, messages for people."""

from server.petitions.words import Outcome, Purpose
from server.scheduling.contents import CONTENTS as CONTENTS

PURPOSES: dict[Purpose, str] = {
    Purpose.REQUEST: "I want something to be solved",
    Purpose.INQUIRY: "I want to ask about a rule or a policy",
    Purpose.SUGGESTION: "I have a suggestion",
    Purpose.APPEAL: "I do not agree with a decision",
    Purpose.ACCUSATION: "I want to report somebody",
}
OUTCOMES: dict[Outcome, str] = {
    Outcome.ANSWERED: "Answered on the spot",
    Outcome.ACCEPTED: "Accepted",
    Outcome.TRANSFERRED: "Transferred",
    Outcome.ASSIGNED: "Assigned",
    Outcome.TO_LAW: "Led to the courts, arbitration or reconsideration",
    Outcome.NOT_ACCEPTED: "Not accepted",
    Outcome.BROKEN_OFF: "Broken off",
    Outcome.HANDED_OVER: "Handed over to another official",
}
NEED_UNIT_AND_DATE = frozenset({Outcome.ACCEPTED, Outcome.TRANSFERRED, Outcome.ASSIGNED})
NEED_REASON = frozenset({Outcome.NOT_ACCEPTED, Outcome.TO_LAW, Outcome.BROKEN_OFF, Outcome.HANDED_OVER})
