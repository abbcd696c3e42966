"""What people read for the forms: English messages, translated where they are shown."""

from server.petitions.words import Purpose
from server.reports.forms import DocumentKind

K = DocumentKind
KINDS: dict[DocumentKind, str] = {
    K.REGISTRATION: "Registration form",
    K.ACCEPTANCE: "Notice of acceptance",
    K.REFUSAL: "Notice of refusal",
    K.TRANSFER: "Letter of transfer",
    K.ASSIGNMENT: "Letter of assignment",
    K.OPINION: "Handling opinion",
    K.REVIEW_OPINION: "Review opinion",
    K.SUPERVISION: "Supervision note",
}
NUMBERS: dict[DocumentKind, str] = {
    K.REGISTRATION: "Registration %(year)s/%(serial)s",
    K.ACCEPTANCE: "Acceptance %(year)s/%(serial)s",
    K.REFUSAL: "Refusal %(year)s/%(serial)s",
    K.TRANSFER: "Transfer %(year)s/%(serial)s",
    K.ASSIGNMENT: "Assignment %(year)s/%(serial)s",
    K.OPINION: "Opinion %(year)s/%(serial)s",
    K.REVIEW_OPINION: "Review opinion %(year)s/%(serial)s",
    K.SUPERVISION: "Supervision %(year)s/%(serial)s",
}
BLANKS: dict[str, str] = {
    "note": "What else the person should know",
    "reason": "Reasons",
    "ways": "Where the person can turn to instead",
    "demand": "What the unit is to do",
    "report_by": "The unit reports by",
    "facts": "Facts that were found",
    "grounds": "Rules it is based on",
    "opinion": "Opinion, point by point, each on its own line",
    "review_at": "Who can be asked to review it",
    "against": "Which opinion the person does not agree with (its number)",
}
PURPOSES: dict[Purpose, str] = {
    Purpose.APPEAL: "Appeal",
    Purpose.REQUEST: "Request",
    Purpose.SUGGESTION: "Suggestion",
    Purpose.ACCUSATION: "Accusation",
    Purpose.INQUIRY: "Inquiry",
}
SEXES: dict[str, str] = {"female": "Female", "male": "Male"}
NOBODY = "An anonymous petitioner"
