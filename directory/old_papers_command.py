"""`hopnhat unit edxml` and `unit heirs`: what an identifier on an old paper means today, and who may read the paper."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from directory.edxml_ids import resolve_edxml_id
from directory.rights import DUTY_NAMES
from directory.unit_heirs import answer_heirs, answer_many_heirs
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
    codes: Annotated[list[str], typer.Argument(metavar="CODE…", help="the code of an old unit, or several")],
    at: AtOption = None,
    code_at: CodeAtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Who may read what old units kept: units, and in them the posts (of one code) or the duties (of several)."""
    shell = get_shell(context)
    check_scheme(scheme)
    written = parse_instant(code_at, shell.runtime.settings.zone) if code_at else None
    as_of = read_as_of(shell, at)
    with shell.runtime.database.read() as reads:
        if len(codes) == 1:
            answers = [answer_heirs(reads, codes[0], as_of, scheme, written)]
        else:
            answers = answer_many_heirs(reads, codes, as_of, scheme, written)
    for heir in each_heir(answers):
        for post in heir.get("posts", ()):
            del post["person"]  # who holds a post is told to those with a right to know
    if output is Output.json:
        print_json(answers[0] if len(codes) == 1 else {"answers": answers})
    else:
        show_heirs(answers, output)
    return 0 if all(any(origin["heirs"] for origin in answer["origins"]) for answer in answers) else 1


def each_heir(answers: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every unit that may read."""
    for answer in answers:
        for origin in answer["origins"]:
            yield from origin["heirs"]


def show_heirs(answers: Sequence[dict[str, Any]], output: Output) -> None:
    """The answers as a table; what nobody reads, and which code nobody bore, is said."""
    rows = [
        {"origin": origin["name"], "heir": heir["name"], "code": heir["codes"]["agency"] or heir["codes"]["admin"],
         "rule": translate(language(), KEEPER_RULES[heir["rule"]]), "decision": heir["decision"], "posts": tell_readers(heir)}
        for answer in answers for origin in answer["origins"] for heir in origin["heirs"]
    ]  # fmt: skip
    readers = _("Posts") if len(answers) == 1 else _("Duties")
    columns = {"origin": _("Kept by"), "heir": _("Read by"), "code": _("Code"), "rule": _("Rule"),
               "decision": _("Decision"), "posts": readers}  # fmt: skip
    print_rows(rows, columns, output)
    for answer in answers:
        if not answer["origins"]:
            say(_("No unit has borne the code {code}."), code=answer["code"])
        for origin in answer["origins"]:
            if not origin["heirs"]:
                say(
                    _("Nobody reads what {unit} kept: it ended without a successor or an archive."), unit=origin["name"]
                )


def tell_readers(heir: Mapping[str, Any]) -> str:
    """The duties that read; with how many posts have each, where posts were asked for."""
    names = {duty: say_word(DUTY_NAMES, duty, True) for duty in heir["duties"]}
    if "posts" not in heir:
        return ", ".join(names.values())
    held = Counter(duty for post in heir["posts"] for duty in post["duties"])
    return ", ".join(f"{held[duty]} × {name}" for duty, name in names.items() if held[duty])


KEEPER_RULES = {
    "own": _("the unit stands"),
    "all": _("all successors"),
    "principal": _("the principal successor"),
    "archive": _("an archive"),
}
