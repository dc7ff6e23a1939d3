"""The screen of a report: the figures on one screen, the instant first."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from foundation.i18n import _
from provisioning.merger.approval import OwnApproval
from provisioning.merger.levels import LEVEL_ORDER
from provisioning.merger.reader import LEVELS, MARGIN, SPACE, Reader, label
from provisioning.merger.report import Report

MOST_LACKING = 12
NEARLY_NOW = timedelta(minutes=1)


def build_report_screen(report: Report, reader: Reader, own: Sequence[OwnApproval] = ()) -> list[str]:
    """The figures of a report on one screen, the instant first."""
    count = reader.count
    levels = Counter(unit.level for unit in report.units)
    shown = [f"{count(levels[level])} {reader.say(LEVELS[level][0])}" for level in LEVEL_ORDER if levels[level]]
    accounts = [
        reader.say(_("{count} active"), count=count(report.total("active"))),
        reader.say(_("{count} wait for a letter"), count=count(report.total("letters"))),
        reader.say(_("{count} suspended"), count=count(report.total("suspended"))),
    ]
    certificates = [
        reader.say(_("{count} of people"), count=count(report.total("certificates"))),
        reader.say(_("{count} of agencies"), count=count(report.total("agency_certificates"))),
    ]
    lacking = report.without_signers
    lines = ["", MARGIN + reader.say(_("As of {moment}"), moment=reader.moment(report.at))]
    if report.known_at is not None:
        lines.append(MARGIN + reader.say(_("as known {moment}"), moment=reader.moment(report.known_at)))
    lines += ["", *label(reader, _("Units"), SPACE.join(shown[:4]), SPACE.join(shown[4:]))]
    lines += label(reader, _("People"), count(report.total("people")))
    counted = reader.say(_("as of {moment}: accounts have no past"), moment=reader.moment(report.counted_at))
    past = report.known_at is not None or abs(report.counted_at - report.at) > NEARLY_NOW
    lines += label(
        reader, _("Accounts"), SPACE.join([count(report.total("accounts")), *accounts]), counted if past else ""
    )
    if report.without_post:
        alone, suspended = sum(report.without_post.values()), report.without_post.get("suspended", 0)
        told = reader.say(
            _("{count} without a post, {suspended} of them suspended"), count=count(alone), suspended=count(suspended)
        )
        lines += label(reader, _("Besides"), told)
    lines += label(reader, _("Signatures"), SPACE.join(certificates))
    heading = reader.say(_("{count} units with fewer than two signers"), count=count(len(lacking)))
    names = [f"{unit.name} ({unit.code}): {unit.signers}" for unit in lacking[:MOST_LACKING]]
    if len(lacking) > MOST_LACKING:
        names.append(reader.say(_("… and {count} more: --output csv"), count=count(len(lacking) - MOST_LACKING)))
    lines += label(reader, _("Signers"), heading, *names)
    if own:
        told = reader.say(_("{count} plans were approved by their own author:"), count=count(len(own)))
        lines += label(reader, _("Alone"), told, *(tell_own(one, reader) for one in own[:MOST_LACKING]))
    return [*lines, ""]


def tell_own(one: OwnApproval, reader: Reader) -> str:
    """One plan that nobody but its author agreed to."""
    return f"{reader.day(one.at)} {one.digest[:8]} {one.name}: {one.reason}"
