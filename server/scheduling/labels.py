"""What people read for the words of the calendar: English messages, translated where they are shown."""

from server.scheduling.words import Holiday, Source

HOLIDAYS: dict[str, str] = {
    Holiday.NEW_YEAR.value: "New Year's Day",
    Holiday.SPRING_FESTIVAL.value: "Spring Festival",
    Holiday.TOMB_SWEEPING.value: "Tomb-sweeping Day",
    Holiday.LABOUR.value: "Labour Day",
    Holiday.DRAGON_BOAT.value: "Dragon Boat Festival",
    Holiday.MID_AUTUMN.value: "Mid-autumn Festival",
    Holiday.NATIONAL.value: "National Day",
    Holiday.OTHER.value: "Another holiday",
}
SOURCES: dict[str, str] = {
    Source.LIBRARY.value: "Came with the program",
    Source.NOTICE.value: "Notice of the State Council",
    Source.CORRECTION.value: "Correction",
}
