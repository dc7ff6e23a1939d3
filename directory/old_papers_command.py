"""`hopnhat unit edxml` and `unit heirs`: what an identifier on an old paper means today, and who may read the paper."""

from collections import Counter
from typing import Annotated

import typer

from directory.edxml_ids import resolve_edxml_id
from directory.unit_heirs import answer_heirs
from directory.unit_options import AtOption, CodeAtOption, SchemeOption, check_scheme, read_as_of
from directory.unit_words import SHARES, say_word
from foundation.clocks import parse_instant
from foundation.i18n import _, translate
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, say


def edxml(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="an OrganId or a DocumentId")],
    at: AtOption = None,
    output: OutputOption = Output.table,
) -> int:
    """What an identifier of the document exchange means today: H59.31.22, or H59.31.22,2024/05/12,12/QĐ-UBND."""
    shell = get_shell(context)
    with shell.runtime.database.read() as reads:
        answer = resolve_edxml_id(reads, identifier, read_as_of(shell, at), shell.runtime.settings.zone)
    if output is Output.json:
        print_json(answer)
        return 0
    spoken = output is Output.table
    rows = [
        heir | {"share": say_word(SHARES, heir["share"], spoken)
                + (f" · {translate(language(), _('principal'))}" if spoken and heir["principal"] else "")}
        for heir in answer["now"]
    ]  # fmt: skip
    print_rows(rows, {"organ_id": _("Code"), "name": _("Unit"), "share": _("Share"), "unit": "UUID"}, output)
    return 0


def heirs(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    code_at: CodeAtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Who may read what an old unit kept: units, and the posts in them."""
    shell = get_shell(context)
    check_scheme(scheme)
    written = parse_instant(code_at, shell.runtime.settings.zone) if code_at else None
    with shell.runtime.database.read() as reads:
        answer = answer_heirs(reads, code, read_as_of(shell, at), scheme, written)
    for origin in answer["origins"]:
        for heir in origin["heirs"]:
            for post in heir["posts"]:
                del post["person"]  # who holds a post is told to those with a right to know
    if output is Output.json:
        print_json(answer)
        return 0
    rows = [
        {"origin": origin["name"], "heir": heir["name"], "code": heir["codes"]["agency"] or heir["codes"]["admin"],
         "rule": translate(language(), KEEPER_RULES[heir["rule"]]), "decision": heir["decision"],
         "posts": ", ".join(f"{count} × {title}" for title, count in Counter(p["title"] for p in heir["posts"]).items())}
        for origin in answer["origins"] for heir in origin["heirs"]
    ]  # fmt: skip
    columns = {"origin": _("Kept by"), "heir": _("Read by"), "code": _("Code"), "rule": _("Rule"),
               "decision": _("Decision"), "posts": _("Posts")}  # fmt: skip
    print_rows(rows, columns, output)
    if not rows:
        say(_("Nobody reads these documents: the unit ended without a successor or an archive."))
    return 0 if rows else 1


KEEPER_RULES = {
    "own": _("the unit stands"),
    "all": _("all successors"),
    "principal": _("the principal successor"),
    "archive": _("an archive"),
}
