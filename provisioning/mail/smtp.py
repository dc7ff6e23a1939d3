"""The wire to the mail server (RFC 5321, STARTTLS by RFC 3207): a recipient is offered first, the message only after the server took them.

What the server says is told in three words: it is away or refuses for now (`RefusedForNow`, `ServerAway`), or it refuses for good
(`RefusedForGood`). A server's words may name the address and are cut out of what we keep.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP

from foundation.errors import HopnhatError, Unreachable
from provisioning.mail.settings import MailSection


class ServerAway(Unreachable):
    """The mail server does not answer, hangs up, or speaks without encryption."""

    code = "mail_server_away"
    sentence = "The mail server cannot be reached: {why}"


class RefusedForNow(Unreachable):
    """The mail server refuses for now (4xx); another try may succeed."""

    code = "mail_refused_for_now"
    sentence = "The mail server refuses for now: {code}"


class RefusedForGood(HopnhatError):
    """The mail server refuses this recipient or message (5xx)."""

    code = "mail_refused"
    status = 502
    exit_code = 69
    sentence = "The mail server refuses this mail: {code}"


class Wire:
    """One conversation with the server, after greeting, encryption and log-in."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp = smtp
        self._sender = sender

    def offer(self, recipient: str) -> None:
        """Name sender and recipient. Raises RefusedForNow, RefusedForGood, ServerAway."""
        with told_plainly():
            self._smtp.ehlo_or_helo_if_needed()
            for answer in (self._smtp.mail(self._sender), self._smtp.rcpt(recipient)):
                check(answer)

    def send(self, message: EmailMessage) -> None:
        """Hand the message over. Raises RefusedForNow, RefusedForGood, ServerAway; after ServerAway it may have been taken."""
        with told_plainly():
            check(self._smtp.data(message.as_bytes(policy=SMTP)))


@contextmanager
def open_wire(policy: MailSection) -> Iterator[Wire]:
    """A conversation that is ended politely, whatever happens in it. Raises ServerAway, RefusedForNow, RefusedForGood."""
    with told_plainly():
        smtp = connect(policy)
    try:
        yield Wire(smtp, policy.sender)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def connect(policy: MailSection) -> smtplib.SMTP:
    """Greeting, encryption, log-in; the server's name is checked against its certificate."""
    context = ssl.create_default_context(cafile=str(policy.authority) if policy.authority else None)
    if policy.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(policy.host, policy.port, timeout=policy.timeout_seconds, context=context)
    else:
        smtp = smtplib.SMTP(policy.host, policy.port, timeout=policy.timeout_seconds)
    try:
        if policy.security == "starttls":
            smtp.starttls(context=context)
        if policy.user and policy.password_file is not None:
            smtp.login(policy.user, policy.password_file.read_text("utf-8").strip())
    except BaseException:
        smtp.close()
        raise
    return smtp


def check(answer: tuple[int, bytes]) -> None:
    """Refuse an answer that is no 2xx; only its number is kept, with the enhanced one (RFC 3463) if it has one."""
    code, text = answer
    if 200 <= code < 300:
        return
    words = text.decode("ascii", "replace").split()
    shown = f"{code} {words[0]}" if words and words[0].replace(".", "").isdigit() else str(code)
    raise RefusedForGood(code=shown) if 500 <= code < 600 else RefusedForNow(code=shown)


@contextmanager
def told_plainly() -> Iterator[None]:
    """The library's errors as ours; a log-in that is refused is the server being away: it is the operator's to mend."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        if isinstance(error, smtplib.SMTPAuthenticationError):
            raise ServerAway(why=f"log-in refused ({error.smtp_code})") from error
        if 500 <= error.smtp_code < 600:
            raise RefusedForGood(code=str(error.smtp_code)) from error
        raise RefusedForNow(code=str(error.smtp_code)) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:  # a log-in must be ASCII
        raise ServerAway(why=type(error).__name__) from error
