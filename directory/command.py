"""`hopnhat unit …`: find, history, successors, predecessors, import, import-codes, edxml, heirs, export; each in a file of its kind."""

import typer

from directory.exporting_command import export
from directory.finding_command import find, history
from directory.importing_command import import_code_file, import_file
from directory.old_papers_command import edxml, heirs
from directory.succession_command import predecessors, successors

unit_group = typer.Typer(no_args_is_help=True, help="Units and their codes over time.")
unit_group.command("find")(find)
unit_group.command("history")(history)
unit_group.command("successors")(successors)
unit_group.command("predecessors")(predecessors)
unit_group.command("import")(import_file)
unit_group.command("import-codes")(import_code_file)
unit_group.command("edxml")(edxml)
unit_group.command("heirs")(heirs)
unit_group.command("export")(export)
