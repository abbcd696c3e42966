"""What sending a notice needs and gives: the letter, and what came of it."""

from dataclasses import dataclass

from server.notices.states import SendingEvent


@dataclass(frozen=True)
class Letter:
    """What is to go out: ``to`` is a phone number in international form, or an e-mail address."""

    key: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Came:
    """What came of it, and the fault's code.

    ``SUCCEED``, ``WAIT`` (surely not sent), ``DROP`` (must not be), ``GIVE_UP`` or ``LOSE``.
    """

    event: SendingEvent
    fault: str = ""


SENT = Came(SendingEvent.SUCCEED)
