"""`hopnhat unit …`: find, history, successors, predecessors, heirs, edxml, import, import-codes, export.

`--at` is the day of the answer, `--code-at` the day the code was written, `--scheme` its kind; without `--code-at` every unit that
bore the code up to `--at` is followed and the answer is grouped by origin.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from directory.codes import clean_code
from directory.edxml_ids import resolve_edxml_id
from directory.errors import UnitNotFound
from directory.history import build_history
from directory.mapping_tables import write_csv, write_xlsx
from directory.models import SCHEMES
from directory.person_mapping import COLUMNS as PEOPLE_COLUMNS
from directory.person_mapping import each_account
from directory.rights import check_right
from directory.succession import answer_predecessors, answer_successors
from directory.unit_code_import import CODES_IMPORTED, import_codes, read_codes
from directory.unit_file import read_units
from directory.unit_heirs import answer_heirs
from directory.unit_import import IMPORTED, import_units
from directory.unit_mapping import COLUMNS as PAIR_COLUMNS
from directory.unit_mapping import each_unit_pair
from directory.units import UnitFacts, find_ancestors, full_name, get_unit_by_code, list_units
from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import local_day, parse_instant
from foundation.database import Reads
from foundation.errors import BadInput, NotFound, WrongUsage
from foundation.i18n import _, translate
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say

PEOPLE_EXPORTED = "directory.people.export"
unit_group = typer.Typer(no_args_is_help=True, help="Units and their codes over time.")

AtOption = Annotated[str | None, typer.Option("--at", help="the day of the answer (2025-07-01)")]
CodeAtOption = Annotated[str | None, typer.Option("--code-at", help="the day the code was written")]
SchemeOption = Annotated[str | None, typer.Option("--scheme", help=" | ".join(SCHEMES))]


def read_as_of(shell: Shell, at: str | None) -> AsOf:
    """Where the reader stands: `--at`, or the register's clock."""
    settings, clocks = shell.runtime.settings, shell.runtime.clocks
    return AsOf(parse_instant(at, settings.zone) if at else clocks.register())


def check_scheme(scheme: str | None) -> None:
    """Refuse a scheme that does not exist."""
    if scheme is not None and scheme not in SCHEMES:
        raise WrongUsage("“{scheme}” is not one of {schemes}.", scheme=scheme, schemes=", ".join(SCHEMES))


@unit_group.command("find")
def find(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """The unit that bears a code, or bore it last."""
    shell = get_shell(context)
    check_scheme(scheme)
    with shell.runtime.database.read() as reads:
        as_of = read_as_of(shell, at)
        unit = get_unit_by_code(reads, code, as_of, scheme)
        print_rows([describe_unit(reads, unit, as_of)], UNIT_COLUMNS, output)
    return 0


UNIT_COLUMNS = {
    "code": _("Code"),
    "name": _("Unit"),
    "level": _("Level"),
    "above": _("Belongs to"),
    "from": _("Since"),
    "to": _("Until"),
    "unit": _("Id"),
}


def describe_unit(reads: Reads, unit: UnitFacts, as_of: AsOf) -> dict[str, object]:
    """One unit as a row."""
    chain = find_ancestors(reads, unit.id, as_of)
    return {
        "code": ", ".join(unit.codes.values()) + (f" ({translate(language(), _('example'))})" if unit.example else ""),
        "name": unit.agency_name,
        "level": unit.level,
        "above": full_name(chain[1:]) if len(chain) > 1 else "",
        "from": unit.begins,
        "to": unit.ends,
        "unit": unit.id,
    }


@unit_group.command("history")
def history(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """The life of the units that bore a code: names, codes, events."""
    shell = get_shell(context)
    check_scheme(scheme)
    with shell.runtime.database.read() as reads:
        answer = build_history(reads, code, read_as_of(shell, at), scheme)
    if output is Output.json:
        print_json(answer)
        return 0
    spoken = output is Output.table
    rows = [
        {"instant": tell_day(event["instant"]) if spoken else event["instant"],
         "what": say_word(KINDS, event["kind"], spoken), "from": event["from"], "to": event["to"],
         "share": say_word(SHARES, event["share"], spoken), "decision": event["decision"]}
        for unit in answer["units"] for event in unit["events"]
    ]  # fmt: skip
    columns = {"instant": _("When"), "what": _("What"), "from": _("From"), "to": _("To"), "share": _("Share"),
               "decision": _("Decision")}  # fmt: skip
    print_rows(rows, columns, output)
    return 0


KINDS = {
    "create": _("begins"),
    "rename": _("gets another name"),
    "recode": _("gets other codes"),
    "reparent": _("passes under another unit"),
    "merge_into_existing": _("merges into an existing unit"),
    "merge_into_new": _("merges into a new unit"),
    "split": _("is divided"),
    "dissolve": _("ends"),
    "correct": _("is corrected"),
}
SHARES = {"whole": _("whole"), "part": _("part")}


def say_word(words: Mapping[str, str], word: str, spoken: bool) -> str:
    """A word of the record in the reader's language, or as it stands for programs."""
    return translate(language(), words[word]) if spoken else word


def tell_day(instant: str) -> str:
    """The day of an instant where people live: what the record calls 2025-06-30T17:00:00Z is 1 July here."""
    return local_day(parse_instant(instant)).isoformat()


@unit_group.command("successors")
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


@unit_group.command("predecessors")
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


@unit_group.command("import")
def import_file(
    context: typer.Context,
    file: Path,
    under: Annotated[str | None, typer.Option(help="code of the unit above; default: the root")] = None,
) -> int:
    """Bring the units of a file into the register, all or none."""
    shell = get_shell(context)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput("{file} cannot be read.", file=str(file)) from error
    rows = read_units(content)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with runtime.database.read() as reads:
        root = find_root(reads, AsOf(now), under)
    with shell.recorded_refusals(IMPORTED, str(root.id)), runtime.database.read() as reads:
        actor = shell.actor
        if actor.person_id is not None:
            check_right(reads, actor.person_id, ("hr",), [root.id], AsOf(now))
    count = import_units(runtime.database, rows, root.id, actor.label, now)
    say(_("{count} units were brought in under {unit}."), count=count, unit=root.name)
    return 0


@unit_group.command("import-codes")
def import_code_file(context: typer.Context, file: Path) -> int:
    """Bring older codes of units into the register from a table, such as those of QCVN 102:2016; all or none."""
    shell = get_shell(context)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput("{file} cannot be read.", file=str(file)) from error
    rows = read_codes(content)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(CODES_IMPORTED, file.name):
        actor = shell.actor

        def allow(reads: Reads, units: Sequence[uuid.UUID]) -> None:
            if actor.person_id is not None and units:
                check_right(reads, actor.person_id, ("hr",), units, AsOf(now))

        count = import_codes(runtime.database, rows, actor.label, now, allow)
    say(_("{count} codes were added, {known} were known."), count=count, known=len(rows) - count)
    return 0


def find_root(reads: Reads, as_of: AsOf, under: str | None) -> UnitFacts:
    """The unit with this code, or the one root of the installation. Raises NotFound before `init`."""
    if under is not None:
        return get_unit_by_code(reads, under, as_of)
    roots = [unit for unit in list_units(reads, as_of, "central") if unit.parent_id is None]
    if not roots:
        raise NotFound("This register has no root unit yet; run “hopnhat init” first.")
    return roots[0]


@unit_group.command("edxml")
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


@unit_group.command("heirs")
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

MappingOption = Annotated[bool, typer.Option("--mapping", help="old units to new ones, with codes before and after")]
PeopleOption = Annotated[
    bool, typer.Option("--people", help="with --mapping: old accounts to people (needs the right “hr”)")
]
ApplicationOption = Annotated[
    str | None, typer.Option("--application", help="with --people: of this application alone")
]
FileOption = Annotated[
    Path | None, typer.Option("--out", help="a .csv or .xlsx file, with --mapping; stdout by default")
]


@unit_group.command("export")
def export(
    context: typer.Context,
    at: AtOption = None,
    mapping: MappingOption = False,
    people: PeopleOption = False,
    application: ApplicationOption = None,
    file: FileOption = None,
    output: OutputOption = Output.csv,
) -> int:
    """Every unit in force, with its codes; with --mapping what has become of units, or of people's accounts."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    if mapping:
        return export_mapping(shell, as_of, people, application, file, output)
    if people or application or file:
        raise WrongUsage("--people, --application and --out belong to --mapping.")
    with shell.runtime.database.read() as reads:
        units = list_units(reads, as_of)
    rows = [
        {"unit": unit.id, "level": unit.level, "name": unit.name, "parent": unit.parent_id, "from": unit.begins,
         **{scheme: unit.codes.get(scheme) for scheme in SCHEMES}}
        for unit in units
    ]  # fmt: skip
    print_rows(rows, {key: key for key in ("unit", "level", "name", "parent", "from", *SCHEMES)}, output)
    return 0


def export_mapping(
    shell: Shell, as_of: AsOf, people: bool, application: str | None, file: Path | None, output: Output
) -> int:
    """The mapping of units, for anybody; that of people only with a right over everything, and in the audit."""
    if file is not None and file.suffix not in (".csv", ".xlsx"):
        raise WrongUsage("{file} must end in .csv or .xlsx.", file=str(file))
    runtime = shell.runtime
    if people:
        allow_people(shell, application)
    with runtime.database.read() as reads:
        columns = PEOPLE_COLUMNS if people else PAIR_COLUMNS
        found = each_account(reads, as_of, application) if people else each_unit_pair(reads, as_of)
        if file is not None:
            file.touch(mode=0o600)
            file.write_bytes(write_xlsx(columns, found) if file.suffix == ".xlsx" else write_csv(columns, found))
            say(_("The table is {file}."), file=str(file))
        else:
            print_rows(list(found), {column: column for column in columns}, output)
    return 0


def allow_people(shell: Shell, application: str | None) -> None:
    """Refuse whoever has not the right over everybody; who takes the table is written down."""
    actor, now = shell.actor, shell.runtime.clocks.wall()
    if actor.person_id is not None:
        with shell.runtime.database.read() as reads:
            check_right(reads, actor.person_id, ("hr",), [], AsOf(shell.runtime.clocks.register()))
    with shell.runtime.database.write() as writes:
        audit.record(writes, now, PEOPLE_EXPORTED, actor.label, application or "", {})
