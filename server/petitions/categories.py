"""Words for a matter, domain.md section 5: codes for machines, messages for people."""

from server.petitions.words import Outcome, Purpose

PURPOSES: dict[Purpose, str] = {
    Purpose.REQUEST: "I want something to be solved",
    Purpose.INQUIRY: "I want to ask about a rule or a policy",
    Purpose.SUGGESTION: "I have a suggestion",
    Purpose.APPEAL: "I do not agree with a decision",
    Purpose.ACCUSATION: "I want to report somebody",
}
CONTENTS: dict[str, str] = {
    "land": "Land and resources",
    "housing": "Housing and building",
    "labour": "Work and social insurance",
    "farming": "Village and farming",
    "welfare": "Welfare and civil affairs",
    "environment": "Environment",
    "traffic": "Roads and traffic",
    "health": "Health",
    "education": "School, culture and sport",
    "law": "Police, courts and law",
    "discipline": "Discipline of officials",
    "party_government": "Party and government affairs",
    "economy": "Economy",
    "trade": "Trade and tourism",
    "science": "Science and industry",
    "personnel": "Personnel",
    "other": "Something else",
}
OUTCOMES: dict[Outcome, str] = {
    Outcome.ANSWERED: "Answered on the spot",
    Outcome.ACCEPTED: "Accepted",
    Outcome.TRANSFERRED: "Transferred",
    Outcome.ASSIGNED: "Assigned",
    Outcome.TO_LAW: "Led to the courts, arbitration or reconsideration",
    Outcome.NOT_ACCEPTED: "Not accepted",
    Outcome.BROKEN_OFF: "Broken off",
}
NEED_UNIT_AND_DATE = frozenset({Outcome.ACCEPTED, Outcome.TRANSFERRED, Outcome.ASSIGNED})
NEED_REASON = frozenset({Outcome.NOT_ACCEPTED, Outcome.TO_LAW, Outcome.BROKEN_OFF})
