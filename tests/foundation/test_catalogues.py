"""The sentences of a room are found wherever they stand."""

from pathlib import Path

from foundation.catalogues import find_lacks, find_messages, read_catalogue, write_catalogue

CODE = """
from foundation.i18n import _, Message
class Refused(Exception):
    sentence = "The default {reason}."
def act(language):
    say(_("Said."))
    say("Said plainly.")
    translate(language, "Translated {value}.", value=1)
    Message("Later.")
    with progress("Rows"):
        raise Refused("Raised with {value}.", value=1)
    raise ValueError("only for developers")
"""
TEMPLATE = '{{ _("In a page.") }} {{ rich("<b>{name}</b>", name=page.name) }} {{ other("not ours") }}'


def room(tmp_path: Path) -> Path:
    """A room with one file and one template."""
    (tmp_path / "room" / "templates").mkdir(parents=True)
    (tmp_path / "room" / "act.py").write_text(CODE)
    (tmp_path / "room" / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path / "room"


def test_sentences_are_found_in_code_refusals_and_templates(tmp_path: Path) -> None:
    assert set(find_messages(room(tmp_path))) == {
        "The default {reason}.",
        "Said.",
        "Said plainly.",
        "Translated {value}.",
        "Later.",
        "Rows",
        "Raised with {value}.",
        "In a page.",
        "<b>{name}</b>",
    }


def test_a_catalogue_is_brought_up_to_date_and_keeps_what_is_translated(tmp_path: Path) -> None:
    here = room(tmp_path)
    write_catalogue(here)
    assert "Said." in find_lacks(here)
    file = here / "locale" / "vi.po"
    file.write_text(file.read_text().replace('msgid "Said."\nmsgstr ""', 'msgid "Said."\nmsgstr "Đã nói."'))
    write_catalogue(here)
    assert read_catalogue(here, "vi")["Said."] == "Đã nói."
    assert "Said." not in find_lacks(here)


def test_a_translation_with_other_values_is_a_lack(tmp_path: Path) -> None:
    here = room(tmp_path)
    write_catalogue(here)
    file = here / "locale" / "vi.po"
    text = file.read_text()
    file.write_text(
        text.replace('msgid "Translated {value}."\nmsgstr ""', 'msgid "Translated {value}."\nmsgstr "Dịch {gia}."')
    )
    assert "Translated {value}." in find_lacks(here)
