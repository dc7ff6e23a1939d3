"""The kinds of plans and the states of a run, in words: what `merger status` shows and what a refusal says."""

from collections.abc import Mapping

from foundation.errors import TryAgain
from foundation.i18n import Message, _

RUN_STATES: Mapping[str, str] = {
    "running": _("begun and not finished"),
    "abandoning": _("being given up"),
    "abandoned": _("begun and given up"),
    "done": _("applied"),
    "undone": _("applied and undone"),
    "postponed": _("moved to another instant"),
}
"""Every state a run may have, as people read it."""
PLAN_KINDS: Mapping[str, str] = {
    "merger": _("merger"),
    "roster": _("rosters"),
    "addresses": _("new addresses"),
    "closing": _("accounts closed"),
    "retime": _("another instant"),
    "undo": _("a merger taken back"),
}
"""Every kind of plan, as people read it."""


class AlreadyRun(TryAgain):
    """The plan was applied, or is being applied; or was never begun where it should go on."""

    code = "already_run"
    sentence = "This plan was already started: {state}. See: hopnhat merger status"

    def __init__(self, state: str | None) -> None:
        if state is None:
            super().__init__(_("This plan was never started. See: hopnhat merger status"))
        else:
            super().__init__(state=Message(RUN_STATES[state]))
