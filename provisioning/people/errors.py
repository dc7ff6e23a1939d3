"""What is refused about people.

HopnhatError
├── BadInput   NumbersDiffer · JoinRefused · ChangeRefused
├── NotPermitted  BackdatedTooFar
├── NotFound   NotJoined · CaseUnknown
└── TryAgain   JoinedAlready · ChangedSince · PlanRunning
"""

from foundation.errors import BadInput, NotFound, NotPermitted, TryAgain


class NumbersDiffer(BadInput):
    """Two personal numbers are two people, until somebody says that one of them was mistyped."""

    code = "numbers_differ"
    sentence = (
        "These records have two different personal numbers; that is two people. If one was mistyped, say whose number is "
        "right: --right-number with the id or log-in of that record."
    )


class JoinRefused(BadInput):
    """One of the records cannot be joined as it is."""

    code = "join_refused"
    sentence = "These records cannot be joined: {why}"


class JoinedAlready(TryAgain):
    """One of the records was joined before, perhaps a moment ago by somebody else."""

    code = "joined_already"
    sentence = "{person} is joined to {survivor} already. See: hopnhat person show {survivor}"


class NotJoined(NotFound):
    """These two were never joined, or were parted again."""

    code = "not_joined"
    sentence = "{person} is not joined to {survivor}."


class ChangedSince(TryAgain):
    """A later change builds on this one; it is taken back first."""

    code = "changed_since"
    sentence = "Later changes build on this; take them back first: {changes}"


class PlanRunning(TryAgain):
    """A plan that is being applied writes about this person just now."""

    code = "plan_running"
    sentence = "A plan that is being applied speaks of {person}; wait until it is done, or resume it."


class CaseUnknown(NotFound):
    """No open case has this number."""

    code = "case_unknown"
    sentence = "There is no open case {case}. See: hopnhat person match"


class ChangeRefused(BadInput):
    """A change of somebody's posts that does not fit what the register holds."""

    code = "change_refused"
    sentence = "This cannot be written: {why}"


class BackdatedTooFar(NotPermitted):
    """A change that reaches further into the past than one person may write alone."""

    code = "backdated_too_far"
    sentence = (
        "One person alone writes at most {days} days back; this begins on {day}. What reaches further back is a plan that a second "
        "person approves: a decree of three lines and a list (hopnhat merger plan)."
    )
