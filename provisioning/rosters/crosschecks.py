"""What only several rows together tell: one human in two rosters, namesakes, numbers and addresses that two people share.

Rows are numbered as they are read, over all files of a check. Of each only a few numbers are kept (some 100 bytes), so that
300,000 rows fit into little memory; texts for messages are fetched again where they are wanted.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal

from directory.names import fold_name
from foundation.i18n import Message
from provisioning.rosters.personal_numbers import COLUMN as NUMBER
from provisioning.rosters.vocabulary import Fault, Place, Values

NONE: Final = 0
# Titles repeat: a country's rosters have a few hundred.
fold_title: Final = lru_cache(maxsize=8192)(fold_name)
Verdict = tuple[Literal["alone", "duplicate", "candidate", "fault"], tuple[Fault, ...]]


def mark(key: object) -> int:
    """A number for a text (or a tuple of them) that is equal for equal ones within this process; 0 stands for nothing."""
    return hash(key) or 1


class Crosschecks:
    """All rows of a check side by side. First every row is noted, then each is judged."""

    def __init__(self, find_place: Callable[[int], Place]) -> None:
        self._find_place = find_place
        self._numbers = array("Q")
        self._names = array("q")
        self._births = array("I")
        self._posts = array("q")
        self._phones = array("q")
        self._emails = array("q")
        self._files = array("I")
        self._mains = array("b")
        self._by_number = Links()
        self._by_birth = Links()
        self._by_email = Links()
        self._by_login = Links()

    def note(self, file: int, values: Values) -> None:
        """Keep what a row can be compared by; its index is the number of rows noted before."""
        index = len(self._numbers)
        number = int(values.personal_number) if values.personal_number else NONE
        name = hash(fold_name(values.name)) or 1 if values.name else NONE
        birth = values.birth_date.toordinal() if values.birth_date else NONE
        email = hash(values.email) or 1 if values.email else NONE
        self._numbers.append(number)
        self._names.append(name)
        self._births.append(birth)
        self._posts.append(hash((values.unit_scheme, values.unit_code, fold_title(values.title or ""))))
        self._phones.append(hash(values.phone) or 1 if values.phone else NONE)
        self._emails.append(email)
        self._files.append(file)
        self._mains.append(-1 if values.main is None else int(values.main))
        if number:
            self._by_number.add(number, index)
        if name and birth:
            self._by_birth.add(mark((name, birth)), index)
        if email:
            self._by_email.add(email, index)
        if values.login:
            self._by_login.add(mark((file, values.login)), index)

    def judge(self, index: int, values: Values) -> Verdict:
        """What the other rows say about this one."""
        for rule in (self._judge_number, self._judge_candidates, self._judge_address, self._judge_login):
            verdict = rule(index, values)
            if verdict is not None:
                return verdict
        return "alone", ()

    def first_of(self, index: int) -> int:
        """The first row with this row's personal number: the row under which the person is counted."""
        number = self._numbers[index]
        return self._by_number.first(number, index) if number else index

    def rows_of(self, index: int) -> Iterator[int]:
        """All rows with this row's personal number, this one among them."""
        number = self._numbers[index]
        return self._by_number.all(number) if number else iter((index,))

    def is_twice(self, index: int) -> bool:
        """Whether an earlier row says the same: the same human with the same post."""
        return any(row < index and self._posts[row] == self._posts[index] for row in self.rows_of(index))

    def _judge_number(self, index: int, values: Values) -> Verdict | None:
        """One number: one human, unless name or birth date say otherwise; a second post is joined, a second row told."""
        number = self._numbers[index]
        if not number or not self._by_number.has_several(number):
            return None
        rows = list(self._by_number.all(number))
        shown = values.personal_number
        others = [row for row in rows if row != index]
        if strangers := [row for row in others if self._differs(self._names, row, index)]:
            message = Message(
                "The same number belongs to somebody of another name: {place}. Check both identity cards.",
                {"place": self._place(strangers[0])},
            )
            return "fault", (Fault(NUMBER, shown, "number-of-another", message),)
        if strangers := [row for row in others if self._differs(self._births, row, index)]:
            message = Message(
                "The same person has another birth date in {place}. Check on the identity card.",
                {"place": self._place(strangers[0])},
            )
            born = values.birth_date.isoformat() if values.birth_date else None
            return "fault", (Fault("birth_date", born, "birth-date-differs", message),)
        earlier = [row for row in rows if row < index]
        if not earlier:
            return None
        return self._judge_repeated(index, earlier, shown)

    def _judge_repeated(self, index: int, earlier: Sequence[int], shown: str | None) -> Verdict | None:
        """The same person again: the same post is a row twice, another post one human in two lists, or a plain second post."""
        twins = [row for row in earlier if self._posts[row] == self._posts[index]]
        if twins:
            message = Message(
                "The same person with the same post stands in {place}; this row is left out.",
                {"place": self._place(twins[0])},
            )
            return "duplicate", (Fault(NUMBER, shown, "row-twice", message),)
        elsewhere = [row for row in earlier if self._files[row] != self._files[index]]
        if elsewhere or (self._mains[index] != 0 and all(self._mains[row] != 0 for row in earlier)):
            place = self._place((elsewhere or earlier)[0])
            message = Message(
                "The same personal number stands in {place}: one human, the posts are joined.", {"place": place}
            )
            return "duplicate", (Fault(NUMBER, shown, "same-person", message),)
        return None

    def _judge_candidates(self, index: int, values: Values) -> Verdict | None:
        """One name and birth date: namesakes are both kept; perhaps one human only where more speaks for it."""
        name, birth = self._names[index], self._births[index]
        if not name or not birth:
            return None
        for row in self._by_birth.shared(mark((name, birth))):
            if row != index and self._is_likely_same(index, row):
                message = Message(
                    "Name and birth date are those of {place}, and {more}. Is it one person? Both are kept until somebody says so.",
                    {"place": self._place(row), "more": self._name_more(index, row)},
                )
                proposal = f"{self._numbers[row]:012}" if self._numbers[row] else None
                return "candidate", (Fault(NUMBER, values.personal_number, "maybe-same-person", message, proposal),)
        return None

    def _is_likely_same(self, index: int, row: int) -> bool:
        """Whether two rows of one name and birth date may be one human; of two good numbers the later row is told."""
        mine, other = self._numbers[index], self._numbers[row]
        if mine == other and mine:
            return False
        if mine and (not other or row > index):
            return False
        if not mine and not other and row > index:
            return False
        return self._same(self._phones, index, row) or self._same(self._emails, index, row) or is_near(mine, other)

    def _name_more(self, index: int, row: int) -> Message:
        """What speaks for one human besides name and birth date."""
        if self._same(self._phones, index, row):
            return Message("the phone number is the same")
        if self._same(self._emails, index, row):
            return Message("the mail address is the same")
        return Message("the numbers differ as by a slip of the hand")

    def _judge_address(self, index: int, values: Values) -> Verdict | None:
        """A mail address belongs to one person; the second row that claims it is told."""
        for row in self._by_email.shared(self._emails[index]) if values.email else ():
            if row >= index:
                break
            if self._is_other_person(row, index):
                message = Message(
                    "This mail address already belongs to {place}. Every person needs an address of their own.",
                    {"place": self._place(row)},
                )
                return "fault", (Fault("email", values.email, "email-shared", message),)
        return None

    def _judge_login(self, index: int, values: Values) -> Verdict | None:
        """Within one file a log-in belongs to one person; between files the plan solves it."""
        for row in self._by_login.shared(mark((self._files[index], values.login))) if values.login else ():
            if row >= index:
                break
            if self._is_other_person(row, index):
                message = Message("This log-in already belongs to {place}.", {"place": self._place(row)})
                return "fault", (Fault("login", values.login, "login-shared", message),)
        return None

    def _is_other_person(self, row: int, index: int) -> bool:
        """Whether two rows are surely two people: two numbers, or no number and another name."""
        if self._numbers[row] and self._numbers[index]:
            return self._numbers[row] != self._numbers[index]
        return self._names[row] != self._names[index]

    def _place(self, row: int) -> Place:
        return self._find_place(row)

    @staticmethod
    def _same(column: Sequence[int], left: int, right: int) -> bool:
        return column[left] != NONE and column[left] == column[right]

    @staticmethod
    def _differs(column: Sequence[int], left: int, right: int) -> bool:
        return column[left] != NONE and column[right] != NONE and column[left] != column[right]


class Links:
    """Key → the rows that have it; a list is made only for the keys of more than one row."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._more: dict[int, list[int]] = {}

    def add(self, key: int, row: int) -> None:
        """One more row with this key."""
        if self._first.setdefault(key, row) != row:
            self._more.setdefault(key, []).append(row)

    def shared(self, key: int) -> Sequence[int]:
        """The rows with this key where there are several: almost no key has."""
        more = self._more.get(key)
        return (self._first[key], *more) if more else ()

    def has_several(self, key: int) -> bool:
        """Whether more than one row has this key."""
        return key in self._more

    def first(self, key: int, default: int) -> int:
        """The first row with this key."""
        return self._first.get(key, default)

    def all(self, key: int) -> Iterator[int]:
        """The rows with this key in their order."""
        if key in self._first:
            yield self._first[key]
            yield from self._more.get(key, ())


def is_near(left: int, right: int) -> bool:
    """Whether two personal numbers differ as a slip of the hand makes them: one digit, or two neighbours exchanged."""
    if not left or not right:
        return False
    one, two = f"{left:012}", f"{right:012}"
    wrong = [place for place in range(12) if one[place] != two[place]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return one[wrong[0]] == two[wrong[1]] and one[wrong[1]] == two[wrong[0]]
    return len(wrong) == 1
