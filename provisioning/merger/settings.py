"""Settings of plans: what may be lost without a word, and who may agree."""

from foundation.settings import Field, Section


class MergerSection(Section):
    """Plans: how fresh the approver's log-in is, what a plan may do undeclared, which small plan its own author may approve."""

    name = "merger"
    fresh_minutes: int = Field(default=15, ge=1, le=60)
    """Minutes the log-in of whoever approves may be old."""
    author_may_approve: int = Field(default=0, ge=0, le=100)
    """A plan of at most so many changes may be approved by its own author, with a reason, and is reported; 0: always a second person."""
    leave_most: int = Field(default=5, ge=0)
    """People of one unit who may leave without the decree declaring it, however small the unit."""
    leave_percent: float = Field(default=20.0, ge=0, le=100)
    """How many of a hundred people of one unit may leave without the decree declaring it."""
    leave_in_all_most: int = Field(default=50, ge=0)
    """People of the whole plan who may leave without the decree declaring it, however small the plan."""
    leave_in_all_percent: float = Field(default=10.0, ge=0, le=100)
    """How many of a hundred people of the whole plan may leave without the decree declaring it."""
    move_out_most: int = Field(default=10, ge=0)
    """People who may move out of one unit that stands without the decree declaring it."""
    move_out_percent: float = Field(default=50.0, ge=0, le=100)
    """How many of a hundred may move out of one unit that stands without the decree declaring it."""
    undecided_most: int = Field(default=20, ge=0)
    """People of one unit who may be left undecided without the decree declaring it."""
    undecided_percent: float = Field(default=50.0, ge=0, le=100)
    """How many of a hundred people of one unit may be left undecided without the decree declaring it."""
