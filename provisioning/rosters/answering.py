"""What to do about a finding, and which office must answer: by its code, else by its column."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from foundation.i18n import Message, _

CARD = _("Compare with the identity card and type the twelve digits as text.")
CARD_BOTH = _("Compare number and birth date with the identity card; correct the one that is wrong.")
BORN = _("Compare with the identity card and type day/month/year as text.")
NAMED = _("Type the name as on the identity card, in Unicode.")
CODED = _("Look the unit's code up (hopnhat unit find) and correct it; a wrong list of units is for its keepers.")
TITLED = _("Type the title as in the decision of appointment.")
RETYPED = _("Type the value itself, or leave the cell empty where nothing is needed.")
CHOSEN = _("Choose a word of the list, or leave the cell empty.")
SHARED = _("Find out whose it is; everybody else gets their own.")
DECIDED = _("Say whether it is one person: then give the number, else leave both.")
NOTHING = _("Nothing, if that is right; otherwise correct the number.")
SAVED = _("Have the file saved anew and sent again.")

OFFICE = _("the HR office of {unit}")
PERSON = _("the person, through the HR office of {unit}")
KEEPERS = _("the HR office of {unit}, with those who keep the unit codes")
BOTH = _("the HR office of {unit} and that of the other row")
SENDER = _("whoever made the file {file}")
OF_FILE = _("the sender of {file}")


class Answer(NamedTuple):
    """What to do, and who must answer."""

    action: str
    office: str


BY_CODE: Final[Mapping[str, Answer]] = {
    "number-birth-year": Answer(CARD_BOTH, PERSON),
    "number-of-another": Answer(CARD, BOTH),
    "birth-date-differs": Answer(BORN, BOTH),
    "email-shared": Answer(SHARED, BOTH),
    "login-shared": Answer(SHARED, OFFICE),
    "maybe-same-person": Answer(DECIDED, BOTH),
    "row-twice": Answer(NOTHING, OFFICE),
    "same-person": Answer(NOTHING, BOTH),
    "unit-missing": Answer(CODED, OFFICE),
}
BY_COLUMN: Final[Mapping[str | None, Answer]] = {
    "personal_number": Answer(CARD, PERSON),
    "birth_date": Answer(BORN, PERSON),
    "name": Answer(NAMED, OFFICE),
    "unit_code": Answer(CODED, KEEPERS),
    "unit_scheme": Answer(CODED, KEEPERS),
    "title": Answer(TITLED, OFFICE),
    "duties": Answer(CHOSEN, OFFICE),
    "body": Answer(CHOSEN, OFFICE),
    "main": Answer(CHOSEN, OFFICE),
    None: Answer(SAVED, SENDER),
}
OTHERS: Final = Answer(RETYPED, OFFICE)


def find_action(column: str | None, code: str) -> Message:
    """What to do about a finding."""
    return Message((BY_CODE.get(code) or BY_COLUMN.get(column, OTHERS)).action)


def find_office(column: str | None, code: str, unit: str | None, file: str) -> Message:
    """Who must answer; `unit` is the row's own unit, where its code could be read."""
    office = (BY_CODE.get(code) or BY_COLUMN.get(column, OTHERS)).office
    if unit is None and office is not SENDER:
        office = OF_FILE
    return Message(office, {"unit": unit or "", "file": file})
