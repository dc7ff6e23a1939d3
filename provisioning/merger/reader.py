"""Who reads a screen: language, zone and moment; numbers, days and blocks as that person writes them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from foundation.clocks import local_day
from foundation.i18n import _, translate

MARGIN = "  "
LABEL = 11
SPACE = "     "
LEVELS = {
    "province": (_("provinces"), _("{count} provinces end")),
    "department": (_("departments"), _("{count} departments end")),
    "district": (_("districts"), _("{count} districts end")),
    "division": (_("district offices"), _("{count} district offices end")),
    "commune": (_("communes"), _("{count} communes end")),
    "central": (_("central units"), _("{count} central units end")),
}


@dataclass(frozen=True)
class Reader:
    """Who reads: language, zone and the moment."""

    language: str
    zone: ZoneInfo
    now: datetime

    def say(self, message: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return translate(self.language, message, **values)

    def count(self, number: int) -> str:
        """A number grouped as the reader groups it."""
        grouped = f"{number:,}"
        return grouped.replace(",", ".") if self.language == "vi" else grouped

    def moment(self, instant: datetime) -> str:
        """An instant in the reader's zone, with the offset."""
        local = instant.astimezone(self.zone)
        offset = local.strftime("%z")
        day = local.strftime("%d/%m/%Y") if self.language == "vi" else local.strftime("%Y-%m-%d")
        return f"{day} {local:%H:%M} ({offset[:3]}:{offset[3:]})"

    def day(self, instant: datetime) -> str:
        """The calendar day."""
        day = local_day(instant, self.zone)
        return f"{day:%d/%m/%Y}" if self.language == "vi" else day.isoformat()

    def distance(self, instant: datetime) -> str:
        """How far away an instant is, in days or hours."""
        hours = round((instant - self.now).total_seconds() / 3600)
        if abs(hours) < 48:
            return (
                self.say(_("in {count} hours"), count=hours)
                if hours > 0
                else self.say(_("{count} hours ago"), count=-hours)
            )
        days = round(hours / 24)
        return self.say(_("in {count} days"), count=days) if days > 0 else self.say(_("{count} days ago"), count=-days)


def label(reader: Reader, word: str, first: str, *rest: str) -> list[str]:
    """A labelled block: the label once, every line aligned."""
    lines = [f"{MARGIN}{reader.say(word):<{LABEL}}{first}"]
    return lines + [f"{MARGIN}{'':<{LABEL}}{line}" for line in rest if line]
