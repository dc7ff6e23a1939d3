"""`hopnhat person match`: records that may be one human, side by side, answered one by one or from a file."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from foundation.changes import AsOf
from foundation.database import Reads
from foundation.errors import HopnhatError, WrongUsage
from foundation.i18n import _, translate
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say
from provisioning.people.answer_files import Answer, read_answers, write_cases
from provisioning.people.cases import (
    KEPT_APART,
    answer_different,
    answer_same,
    choose_pair,
    get_case,
    list_cases,
    open_cases,
)
from provisioning.people.joining import JOINED, Pair, check_may_join
from provisioning.people.keys import resolve_record
from provisioning.people.match_table import COLUMNS, Sides, as_json, build_table, read_sides, tell_reasons
from provisioning.people.models import MatchCase
from provisioning.people.searching import search
from provisioning.sight import SEEN, check_sees, find_seen, find_sight

SHOWN = 10


def match(
    context: typer.Context,
    case: Annotated[int | None, typer.Argument(help="the number of a case; all open ones by default")] = None,
    same: Annotated[bool, typer.Option("--same", help="they are one human: join them")] = False,
    different: Annotated[bool, typer.Option("--different", help="they are two people: never ask again")] = False,
    survivor: Annotated[
        str | None, typer.Option("--survivor", help="A or B lives on; by default the one whose account is in use, else the older")
    ] = None,
    right_number: Annotated[
        str | None, typer.Option("--right-number", help="where both have a personal number: A or B has the right one")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="a word about it; kept with the change")] = None,
    find: Annotated[bool, typer.Option("--search", help="first look through the whole register for new cases")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="write the cases to this CSV or XLSX file, to be answered there")] = None,
    answers: Annotated[Path | None, typer.Option("--answers", help="do what the filled-in file says")] = None,
    output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """Records that may be one human: look, answer one by one, or write them to a file and feed its answers back.

    Exit code 1 while somebody has to decide.
    """
    shell = get_shell(context)
    if (same and different) or (case is None and (same or different)):
        raise WrongUsage("Say --same or --different, and the number of the case.")
    if find:
        look_for_more(shell)
    if answers is not None:
        return answer_from_file(shell, read_answers(answers), reason)
    if case is not None and (same or different):
        answer_one(shell, case, same, survivor, right_number, reason)
        return 0
    return show_cases(shell, case, out_file, output)


def look_for_more(shell: Shell) -> None:
    """Search the whole register and open what is new; each is then shown to who may see both."""
    runtime = shell.runtime
    with shell.recorded_refusals(SEEN), runtime.database.read() as reads:
        find_sight(reads, shell.actor, AsOf(runtime.clocks.register()))
        found = list(search(reads, runtime.sealer))
    with runtime.database.write() as writes:
        count = open_cases(writes, found, None, runtime.clocks.wall())
    say(_("{count} new cases."), count=count)


def show_cases(shell: Shell, number: int | None, out_file: Path | None, output: Output) -> int:
    """The queue, or one case."""
    runtime = shell.runtime
    as_of = AsOf(runtime.clocks.register())
    with shell.recorded_refusals(SEEN), runtime.database.read() as reads:
        cases = pick_seen(shell, reads, number, as_of)
        wanted = cases if output is not Output.table or out_file is not None else cases[:SHOWN]
        sides = read_sides(reads, runtime.sealer, wanted, as_of)
    if out_file is not None:
        count = write_cases(out_file, (one.row() for one in sides))
        say(
            _("{count} cases are in {file}; fill in “answer” and give it back with --answers."),
            count=count,
            file=str(out_file),
        )
    elif output is Output.json:
        print_json([as_json(one) for one in sides])
    elif output is Output.csv:
        print_rows([one.row() for one in sides], {column: column for column in COLUMNS}, output)
    else:
        show_sides(sides, len(cases))
    return 1 if cases else 0


def pick_seen(shell: Shell, reads: Reads, number: int | None, as_of: AsOf) -> list[MatchCase]:
    """The cases of which the actor may see both records. Raises RightMissing for the one that was asked for."""
    if number is not None:
        case = get_case(reads, number)
        for person in (case.left_id, case.right_id):
            check_sees(reads, shell.actor, person, as_of)
        return [case]
    cases = list_cases(reads)
    people = {person for case in cases for person in (case.left_id, case.right_id)}
    seen = find_seen(reads, find_sight(reads, shell.actor, as_of), people, as_of)
    return [case for case in cases if {case.left_id, case.right_id} <= seen]


def show_sides(sides: list[Sides], count: int) -> None:
    """Cases for people, one under the other."""
    if not sides:
        say(_("Nobody has to decide about anybody."))
    for one in sides:
        head = translate(language(), _("Case {case} · {score} of 100"), case=one.case.id, score=one.case.score)
        out.print(f"\n{head} · {', '.join(tell_reasons(one.case))}", style="bold", markup=False)
        out.print(build_table(one))
    if count > len(sides):
        say(_("… and {count} more; --out FILE.xlsx writes them all."), count=count - len(sides))
    if sides:
        say(_("Answer: hopnhat person match {case} --same   or   --different"), case=sides[0].case.id)


def answer_one(
    shell: Shell, number: int, same: bool, survivor: str | None, right_number: str | None, reason: str | None
) -> None:
    """One answer in one transaction, refusals on record. Raises CaseUnknown and what a join raises."""
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with shell.recorded_refusals(JOINED if same else KEPT_APART) as deed:
        actor = shell.actor
        with runtime.database.write() as writes:
            case = get_case(writes, number)
            deed.subject = str(case.left_id)
            sides = {"A": case.left_id, "B": case.right_id}
            pair = choose_pair(writes, case)
            if survivor is not None:
                pair = choose_survivor(shell, writes, sides, survivor, now)
            check_may_join(writes, actor, pair, now)
            if same:
                right = sides.get(right_number.upper()) if right_number else None
                change = answer_same(writes, actor, case, pair, reason or f"case {number}", now, right)
                told = change.id
            else:
                answer_different(writes, actor, case, reason, now)
    if same:
        say(
            _("Case {case}: joined by change {change}; {person} lives on."),
            case=number,
            change=told,
            person=pair.survivor,
        )
    else:
        say(_("Case {case}: two people. Nobody is asked about them again."), case=number)


def choose_survivor(shell: Shell, reads: Reads, sides: Mapping[str, uuid.UUID], typed: str, now: datetime) -> Pair:
    """The pair with the record that was named living on: one of the two the case is about, nobody else. Raises WrongUsage."""
    lives = sides.get(typed.upper()) or resolve_record(shell.runtime, reads, typed, AsOf(now))
    others = [one for one in sides.values() if one != lives]
    if len(others) != 1:
        raise WrongUsage("Say which of the two lives on: A or B.")
    return Pair(lives, others[0])


def answer_from_file(shell: Shell, answers: list[Answer], reason: str | None) -> int:
    """Each answer by itself; what was refused is told with its row. Exit code 1 if anything was."""
    refused = 0
    for answer in answers:
        try:
            answer_one(shell, answer.case, answer.same, None, None, reason)
        except HopnhatError as error:
            refused += 1
            why = translate(language(), error.message, **error.values)
            say(_("Row {row}, case {case}: {why}"), row=answer.row, case=answer.case, why=why)
    say(_("{done} answers done, {refused} refused."), done=len(answers) - refused, refused=refused)
    return 1 if refused else 0
