"""Settings of the web pages; apart from the pages themselves, so that a verb of the command line can read its settings without them."""

from pathlib import Path

from pydantic import field_validator

from foundation.complaints import complain
from foundation.i18n import _
from foundation.settings import Section


class WebSection(Section):
    """How the pages look; everything else about them is fixed."""

    name = "web"
    emblem: Path | None = None
    """Picture of the administration above every page (PNG or SVG of our own making, about 96 × 96); none: a plain one of ours."""
    subtitle: str = ""
    """One line under the title, such as the name of the unit that runs the service."""
    log_level: str = "INFO"
    """How much the log says: DEBUG, INFO, WARNING."""

    @field_validator("emblem")
    @classmethod
    def check_emblem(cls, emblem: Path | None) -> Path | None:
        """Refuse a picture that is not there or of another kind."""
        if emblem is not None and (not emblem.is_file() or emblem.suffix.lower() not in (".png", ".svg", ".webp")):
            raise complain(_("is not a PNG, WebP or SVG file"))
        return emblem

    @field_validator("log_level")
    @classmethod
    def check_level(cls, level: str) -> str:
        """Refuse a level the log does not know."""
        if level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise complain(_("must be DEBUG, INFO, WARNING or ERROR"))
        return level.upper()
