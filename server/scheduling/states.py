"""A visitor's way through the list, a plan's into the published list, and an offer's to its answer, as tables."""

from enum import StrEnum

from server.scheduling.words import BookingState, OfferState, PlanState

S = BookingState


class BookingEvent(StrEnum):
    """What can happen to a booking."""

    CHECK_IN = "check_in"
    ADMIT = "admit"
    HOLD = "hold"
    BRING_BACK = "bring_back"
    MARK_ABSENT = "mark_absent"
    FINISH = "finish"
    CANCEL = "cancel"
    WAITLIST = "waitlist"
    PLACE = "place"


GONE = (BookingState.CANCELLED, BookingState.ABSENT)
"""Where a booking has given its place back; ``uq_bookings_slot_taken`` says the same."""
E = BookingEvent
BOOKING: dict[tuple[BookingState, BookingEvent], BookingState] = {
    (S.BOOKED, E.CHECK_IN): S.WAITING,
    (S.BOOKED, E.MARK_ABSENT): S.ABSENT,
    (S.BOOKED, E.CANCEL): S.CANCELLED,
    (S.BOOKED, E.WAITLIST): S.WAITLISTED,
    (S.WAITLISTED, E.PLACE): S.BOOKED,
    (S.WAITLISTED, E.CANCEL): S.CANCELLED,
    (S.WAITING, E.ADMIT): S.IN_SESSION,
    (S.WAITING, E.HOLD): S.HELD,
    (S.WAITING, E.MARK_ABSENT): S.ABSENT,
    (S.WAITING, E.CANCEL): S.CANCELLED,
    (S.WAITING, E.WAITLIST): S.WAITLISTED,
    (S.HELD, E.BRING_BACK): S.WAITING,
    (S.HELD, E.MARK_ABSENT): S.ABSENT,
    (S.HELD, E.CANCEL): S.CANCELLED,
    (S.HELD, E.WAITLIST): S.WAITLISTED,
    (S.ABSENT, E.BRING_BACK): S.WAITING,
    (S.ABSENT, E.CHECK_IN): S.WAITING,
    (S.IN_SESSION, E.FINISH): S.DONE,
}


class PlanEvent(StrEnum):
    """What can happen to a plan."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


PLAN: dict[tuple[PlanState, PlanEvent], PlanState] = {
    (PlanState.DRAFT, PlanEvent.PUBLISH): PlanState.PUBLISHED,
    (PlanState.PUBLISHED, PlanEvent.WITHDRAW): PlanState.WITHDRAWN,
    (PlanState.WITHDRAWN, PlanEvent.PUBLISH): PlanState.PUBLISHED,
}


class OfferEvent(StrEnum):
    """What can happen to an offered time."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


OFFER: dict[tuple[OfferState, OfferEvent], OfferState] = {
    (OfferState.OPEN, OfferEvent.ACCEPT): OfferState.ACCEPTED,
    (OfferState.OPEN, OfferEvent.DECLINE): OfferState.DECLINED,
    (OfferState.OPEN, OfferEvent.EXPIRE): OfferState.OVER,
    (OfferState.OPEN, OfferEvent.WITHDRAW): OfferState.WITHDRAWN,
}
