"""Who somebody is, as typed at a kiosk: checked, put in order, explained in plain words."""

from dataclasses import dataclass
from datetime import date

import phonenumbers
from stdnum import exceptions
from stdnum.cn import ric

from server.errors import Invalid


@dataclass(frozen=True)
class Identity:
    """A checked identity; all empty for an anonymous petitioner."""

    name: str | None = None
    id_number: str | None = None
    phone: str | None = None

    @property
    def anonymous(self) -> bool:
        """Whether nothing is known."""
        return self.name is None


def checked(*, name: str, id_number: str, phone: str, anonymous: bool) -> Identity:
    """Check what was typed; the phone may be left out. Raises ``Invalid`` with the field to look at."""
    if anonymous:
        return Identity()
    return Identity(name=checked_name(name), id_number=checked_resident_id(id_number), phone=checked_phone(phone))


def checked_name(text: str) -> str:
    """The name without needless spaces."""
    name = " ".join(text.split())
    if not name or len(name) > 40:
        raise Invalid("name_missing", "Please enter the name as it is on the ID card.", field="name")
    return name


def checked_resident_id(text: str) -> str:
    """An 18-digit number whose birth date and check digit are right; its area is not judged (counties merge)."""
    number = "".join(text.split()).upper()
    try:
        ric.get_birth_date(number)
        if len(number) == 18 and ric.calc_check_digit(number) == number[-1]:
            return number
    except (exceptions.ValidationError, ValueError, IndexError):
        pass
    raise Invalid(
        "bad_id_number",
        "The ID number is not right. Please compare all 18 digits with the card.",
        field="id_number",
    )


def age_on(id_number: str, day: date) -> int:
    """How old the holder of a checked ID number is on ``day``, in whole years."""
    born: date = ric.get_birth_date(id_number)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def checked_phone(text: str) -> str | None:
    """The number in international form; empty for none."""
    if not text.strip():
        return None
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Invalid("bad_phone", "The phone number is not right. Please check it, or leave it empty.", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
