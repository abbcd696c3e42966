"""Who may do what. The one table of rights; tested as the full product of roles and actions."""

from dataclasses import dataclass
from enum import StrEnum

from server.errors import Forbidden, NotSignedIn


class Role(StrEnum):
    """The roles of domain.md section 2. A kiosk acts for the petitioner in front of it."""

    KIOSK = "kiosk"
    AGENT = "agent"
    OFFICIAL = "official"
    CLERK = "clerk"
    HANDLER = "handler"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    GUEST = "guest"
    PUBLIC = "public"


class Action(StrEnum):
    """Everything that needs a right."""

    BOOK = "book"
    CANCEL_BOOKING = "cancel_booking"
    CHECK_IN = "check_in"
    GIVE_CONSENT = "give_consent"
    ASK_BY_CODE = "ask_by_code"
    CALL_HELP = "call_help"
    ANSWER_HELP = "answer_help"
    SEE_WAITING_LIST = "see_waiting_list"
    RUN_LIST = "run_list"
    ADMIT = "admit"
    TALK = "talk"
    INVITE = "invite"
    WRITE_MINUTES = "write_minutes"
    END_SESSION = "end_session"
    READ_BACK = "read_back"
    REVIEW = "review"
    SEE_RECORDING = "see_recording"
    SEE_PETITION = "see_petition"
    UNMASK = "unmask"
    WORK_FOLLOW_UP = "work_follow_up"
    SEE_NOTICES = "see_notices"
    SET_UP = "set_up"
    REPLAN = "replan"
    SET_ASIDE = "set_aside"
    OVERRIDE = "override"
    READ_AUDIT = "read_audit"
    MAKE_DOCUMENT = "make_document"
    SEE_DOCUMENT = "see_document"


RIGHTS: dict[Role, frozenset[Action]] = {
    Role.KIOSK: frozenset(
        {
            Action.BOOK,
            Action.CANCEL_BOOKING,
            Action.CHECK_IN,
            Action.GIVE_CONSENT,
            Action.ASK_BY_CODE,
            Action.CALL_HELP,
            Action.TALK,
            Action.READ_BACK,
        }
    ),
    Role.AGENT: frozenset(
        {
            Action.BOOK,
            Action.CANCEL_BOOKING,
            Action.CHECK_IN,
            Action.ASK_BY_CODE,
            Action.CALL_HELP,
            Action.ANSWER_HELP,
            Action.SEE_WAITING_LIST,
            Action.TALK,
        }
    ),
    Role.OFFICIAL: frozenset(
        {
            Action.ASK_BY_CODE,
            Action.ANSWER_HELP,
            Action.SEE_WAITING_LIST,
            Action.RUN_LIST,
            Action.ADMIT,
            Action.TALK,
            Action.INVITE,
            Action.WRITE_MINUTES,
            Action.END_SESSION,
            Action.SEE_PETITION,
            Action.SEE_DOCUMENT,
        }
    ),
    Role.CLERK: frozenset(
        {
            Action.BOOK,
            Action.CANCEL_BOOKING,
            Action.CHECK_IN,
            Action.ASK_BY_CODE,
            Action.ANSWER_HELP,
            Action.SEE_WAITING_LIST,
            Action.RUN_LIST,
            Action.TALK,
            Action.INVITE,
            Action.WRITE_MINUTES,
            Action.REVIEW,
            Action.SEE_RECORDING,
            Action.SEE_PETITION,
            Action.UNMASK,
            Action.SEE_NOTICES,
            Action.REPLAN,
            Action.SET_ASIDE,
            Action.OVERRIDE,
            Action.MAKE_DOCUMENT,
            Action.SEE_DOCUMENT,
        }
    ),
    Role.HANDLER: frozenset(
        {
            Action.ASK_BY_CODE,
            Action.TALK,
            Action.SEE_PETITION,
            Action.WORK_FOLLOW_UP,
            Action.MAKE_DOCUMENT,
            Action.SEE_DOCUMENT,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Action.ASK_BY_CODE, Action.SEE_NOTICES, Action.SET_UP, Action.REPLAN}),
    Role.AUDITOR: frozenset({Action.ASK_BY_CODE, Action.READ_AUDIT}),
    Role.GUEST: frozenset({Action.TALK}),
    Role.PUBLIC: frozenset({Action.ASK_BY_CODE}),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in person, an enrolled kiosk, an invited guest, or anybody.

    ``id`` is the user's, kiosk's or participant's row; ``unit_id`` and ``point_id`` bound what handlers,
    agents and kiosks may see. ``name`` is what the audit log shows.
    """

    role: Role
    id: int = 0
    name: str = ""
    unit_id: int | None = None
    point_id: int | None = None


ANYBODY = Actor(role=Role.PUBLIC)


def may(actor: Actor, action: Action) -> bool:
    """Whether the table grants ``action`` to the actor's role."""
    return action in RIGHTS[actor.role]


def require(actor: Actor, action: Action) -> None:
    """Raise ``NotSignedIn`` for anybody, ``Forbidden`` for a role without the right."""
    if may(actor, action):
        return
    if actor.role is Role.PUBLIC:
        raise NotSignedIn("sign_in_first", "Please sign in first.")
    raise Forbidden("not_allowed", "Your account may not do this. Please ask the administrator.")


def signed_in(actor: Actor) -> Actor:
    """The actor, if somebody is signed in; raises ``NotSignedIn`` for anybody."""
    if actor.role is Role.PUBLIC:
        raise NotSignedIn("sign_in_first", "Please sign in first.")
    return actor
