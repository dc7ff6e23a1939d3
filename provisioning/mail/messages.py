"""What a mailed code says: the code, where it is typed, until when it is good. Never who it is for, nor the log-in.

Whoever reads the mailbox must not hold both halves: the log-in is the one its owner has always typed, or stands on the list that the
unit hands over. Text and HTML say the same.
"""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from directory.credentials import group_code
from foundation.i18n import HOUSE, _, format_instant, translate
from foundation.settings import Settings
from provisioning.mail.addresses import domain_of
from provisioning.mail.settings import MailSection

SUBJECTS: Final = {"activation": _("Your activation code"), "reset": _("Your code for a new password")}
OPENINGS: Final = {
    "activation": _("Your official account is ready. This code activates it, once:"),
    "reset": _("Somebody at the help desk had a code made with which you choose a new password:"),
}


@dataclass(frozen=True)
class Code:
    """What goes into a mail; shown here and nowhere else."""

    code: str = field(repr=False)
    purpose: str
    until: datetime
    number: str


def build_message(settings: Settings, recipient: str, code: Code, now: datetime) -> EmailMessage:
    """The mail in the administration's language."""
    language, policy = settings.language, settings[MailSection]
    words = choose_words(settings, code, now)
    message = EmailMessage()
    message["From"] = formataddr((settings.title, policy.sender))
    message["To"] = recipient
    message["Subject"] = words["subject"]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{code.number}@{domain_of(policy.sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    templates = open_templates()
    message.set_content(templates.get_template("code.txt").render(words))
    message.add_alternative(templates.get_template("code.html").render(words), subtype="html")
    return message


def choose_words(settings: Settings, code: Code, now: datetime) -> dict[str, str]:
    """Every text of the mail, in the administration's language."""
    language, zone = settings.language, settings.zone
    return {
        "language": language,
        "office": settings.title,
        "subject": translate(language, SUBJECTS[code.purpose]),
        "opening": translate(language, OPENINGS[code.purpose]),
        "code": group_code(code.code),
        "until": translate(language, _("Good until {moment}"), moment=format_instant(language, code.until, zone)),
        "address": f"{settings.issuer}/activate",
        "steps": translate(
            language,
            _("Open this address, type your log-in and the code, and choose a password of your own:"),
        ),
        "login": translate(
            language, _("Your log-in is the one you have always used. If you do not know it, ask your unit; it is never mailed.")
        ),
        "newest": translate(
            language, _("Made at {moment}. If you got several mails, only the newest code works."),
            moment=format_instant(language, now, zone),
        ),
        "warning": translate(
            language, _("Give the code to nobody. If you did not expect this mail, call {hotline}."), hotline=settings.hotline
        ),
    }  # fmt: skip


@cache
def open_templates() -> Environment:
    """The texts of mails; the HTML is escaped."""
    return Environment(
        loader=FileSystemLoader(HOUSE / "provisioning" / "templates" / "mail"),
        autoescape=lambda name: (name or "").endswith(".html"),
        undefined=StrictUndefined,
    )
