"""`hopnhat unit successors` and `unit predecessors`: without `--code-at` every unit that bore the code up to `--at` is followed, and
the answer is grouped by origin."""

from typing import Any

import typer

from directory.codes import clean_code
from directory.errors import UnitNotFound
from directory.succession import answer_predecessors, answer_successors
from directory.unit_options import AtOption, CodeAtOption, SchemeOption, check_scheme, read_as_of
from directory.unit_words import tell_day
from foundation.clocks import parse_instant
from foundation.i18n import _, translate
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows


def successors(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    code_at: CodeAtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """What an old unit has become."""
    return tell_succession(context, code, at, code_at, scheme, output, "successors")


def predecessors(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    code_at: CodeAtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """What a unit has come from."""
    return tell_succession(context, code, at, code_at, scheme, output, "predecessors")


def tell_succession(
    context: typer.Context,
    code: str,
    at: str | None,
    code_at: str | None,
    scheme: str | None,
    output: Output,
    word: str,
) -> int:
    """The answer of either direction; exit 1 when no unit ever bore the code."""
    shell = get_shell(context)
    check_scheme(scheme)
    written = parse_instant(code_at, shell.runtime.settings.zone) if code_at else None
    ask = answer_successors if word == "successors" else answer_predecessors
    with shell.runtime.database.read() as reads:
        answer = ask(reads, [code], read_as_of(shell, at), scheme, written)[0]
    if output is Output.json:
        print_json(answer)
    elif output is Output.csv:
        print_rows(flatten(answer, word), FLAT_COLUMNS, output)
    else:
        show_succession(answer, word)
    if not answer["origins"]:
        raise UnitNotFound(code=clean_code(code))
    return 0


FLAT_COLUMNS = {
    key: key
    for key in ("origin", "origin_name", "borne_from", "borne_to", "unit", "name", "code", "share", "principal")
}


def flatten(answer: dict[str, Any], word: str) -> list[dict[str, object]]:
    """The answer as rows, one a pair."""
    return [
        {
            "origin": origin["unit"],
            "origin_name": origin["name"],
            "borne_from": origin["borne_from"],
            "borne_to": origin["borne_to"],
            "unit": heir["unit"],
            "name": heir["name"],
            "code": heir["codes"]["admin"] or heir["codes"]["agency"],
            "share": heir["share"],
            "principal": heir["principal"],
        }
        for origin in answer["origins"]
        for heir in origin[word]
    ]


def show_succession(answer: dict[str, Any], word: str) -> None:
    """The answer for people: each origin, then an arrow to each unit."""
    tongue = language()
    for origin in answer["origins"]:
        until = tell_day(origin["borne_to"]) if origin["borne_to"] else translate(tongue, _("today"))
        out.print(f"{answer['code']}  {origin['name']}  ({tell_day(origin['borne_from'])} – {until})", markup=False)
        if not origin[word]:
            out.print("   " + translate(tongue, _("ended without a successor")), markup=False)
        for heir in origin[word]:
            share = translate(tongue, _("whole") if heir["share"] == "whole" else _("part"))
            principal = " · " + translate(tongue, _("principal")) if heir["principal"] else ""
            example = " · " + translate(tongue, _("example")) if heir["example"] else ""
            code = " / ".join(code for code in heir["codes"].values() if code)
            example += " · " + translate(tongue, _("re-homed")) if heir["rehomed"] else ""
            arrow = "→" if word == "successors" else "←"
            out.print(f"   {arrow} {heir['name']}  {code}  ({share}{principal}{example})", markup=False)
