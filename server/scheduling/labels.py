"""What people read for the words of the calendar and the plans: English messages, translated where they are shown."""

from server.scheduling.words import ChangeKind, Holiday, PlanState, Repeat, Source

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
REPEATS: dict[str, str] = {
    Repeat.WEEKLY.value: "Every week",
    Repeat.NTH_WEEKDAY.value: "Certain weekdays of the month",
    Repeat.MONTH_DAY.value: "Certain days of the month",
    Repeat.WORKING_DAYS.value: "Every working day",
}
WEEKDAYS: dict[int, str] = {
    0: "Monday",
    1: "Tuesday",
    2: "Wednesday",
    3: "Thursday",
    4: "Friday",
    5: "Saturday",
    6: "Sunday",
}
ORDINALS: dict[int, str] = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
PLAN_STATES: dict[str, str] = {
    PlanState.DRAFT.value: "Draft",
    PlanState.PUBLISHED.value: "Published",
    PlanState.WITHDRAWN.value: "Taken back",
}
CHANGES: dict[str, str] = {
    ChangeKind.CANCELLED.value: "No reception on this day",
    ChangeKind.CHANGED.value: "Other times on this day",
    ChangeKind.EXTRA.value: "A reception on this day besides the plan",
}
