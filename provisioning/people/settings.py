"""Settings of daily life: how far back one person alone may write."""

from foundation.settings import Field, Section


class PeopleSection(Section):
    """What HR writes day by day without a second person."""

    name = "people"
    backdate_days: int = Field(default=31, ge=0, le=366)
    """How many days back a post may begin or end that one person writes alone; what reaches further is a plan that another approves."""
