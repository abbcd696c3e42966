"""What people read for the words of notices: English messages, translated where they are shown."""

from server.notices.words import Channel, NoticeEvent, NoticeState

EVENTS: dict[str, str] = {
    NoticeEvent.BOOKED.value: "Has a place",
    NoticeEvent.CHANGED.value: "Booking changed",
    NoticeEvent.CANCELLED.value: "Talk cancelled",
    NoticeEvent.OFFERED.value: "A time is offered",
    NoticeEvent.OFFER_OVER.value: "Offer is over",
    NoticeEvent.MOVED.value: "Talk moved",
    NoticeEvent.DAY_MOVED.value: "Reception day moved",
    NoticeEvent.OFFICIAL_CHANGED.value: "Other official",
    NoticeEvent.COME_BACK.value: "When to be back",
    NoticeEvent.OVERRUN.value: "Day runs late",
    NoticeEvent.MISSED.value: "Turn missed",
    NoticeEvent.REMINDER_DAY.value: "Reminder, a day before",
    NoticeEvent.REMINDER_HOUR.value: "Reminder, an hour before",
}
CHANNELS: dict[str, str] = {
    Channel.SCREEN.value: "Kiosk screen",
    Channel.PRINT.value: "Printed",
    Channel.SMS.value: "Text to the phone",
    Channel.EMAIL.value: "E-mail to the point",
}
STATES: dict[str, str] = {
    NoticeState.PENDING.value: "To be sent",
    NoticeState.SENDING.value: "Under way",
    NoticeState.SENT.value: "Sent",
    NoticeState.UNSURE.value: "Perhaps sent",
    NoticeState.FAILED.value: "Not sent",
    NoticeState.DROPPED.value: "Not needed",
}
FAULTS: dict[str, str] = {
    "away": "The other side could not be reached.",
    "busy": "The other side was busy.",
    "not_let_in": "The other side did not let us in. Please check the settings.",
    "no_answer": "It was handed over, but no answer came. Please ask the visitor before you send it again.",
    "refused": "The number or address was not accepted. Please check it.",
    "nowhere": "There is no number or address any more.",
    "too_late": "It could not be sent in time.",
}
