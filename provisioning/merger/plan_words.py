"""The words of a plan's figures: what its guards count, what is open, what its lines change."""

from collections.abc import Mapping

from foundation.i18n import _

GUARDS: Mapping[str, str] = {
    "people": _("people"),
    "move": _("move"),
    "stay": _("stay"),
    "leave": _("leave"),
    "undecided": _("undecided"),
    "conflicts": _("conflicts"),
    "move_out": _("move out"),
    "leave_in_all": _("leave"),
    "units_begin": _("units that begin"),
    "units_end": _("units that end"),
}
OPEN: Mapping[str, str] = {
    "undecided": _("{count} undecided (no placement)"),
    "conflicts": _("{count} conflicts (two chairs)"),
    "codes_to_confirm": _("{count} codes to confirm"),
    "candidates": _("{count} rows that may be one human"),
    "addresses_taken": _("{count} addresses that belong to others"),
    "missing": _("{count} people missing against before"),
    "without_address": _("{count} people for whom the template gives no address"),
    "certificates_to_change": _("{count} certificates name an address that changes"),
}
ALOUD: Mapping[str, str] = {
    "trusted_passwords": _("{count} who lead, approve or act upon others bring a password along"),
    "outside": _("{count} posts in another province than the rest of their list"),
    "known_elsewhere": _("{count} who hold a post in another province get one more"),
    "left": _("{count} people cannot be put back"),
}
"""What is open, each on a line of its own where it is a danger."""
COUNTED: Mapping[str, str] = {
    "person.load": _("{count} people from rosters"),
    "person.address": _("{count} people get another address"),
    "person.close": _("{count} accounts close"),
    "login.until": _("{count} old log-ins are accepted until another day"),
    "retime.units": _("{count} groups of unit rows pass to the other instant"),
    "retime.person": _("{count} people whose posts or addresses pass to the other instant"),
    "retime.leavers": _("{count} groups of accounts shut at the other instant"),
    "retime.certificates": _("{count} units whose certificates are proposed at the other instant"),
    "undo.units": _("{count} groups of unit rows are put back"),
    "undo.person": _("{count} people are put back"),
    "undo.left": _("{count} people stay as they are"),
    "undo.reopen": _("{count} groups of suspended accounts open again"),
}
"""What the lines of a plan do, by their operation, where the plan is none of a decree."""
