"""A register with units and people, filled as an administration would fill it: units from a file, people from rosters by a plan."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.plans import Plan, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.installation import FirstAdministrator, found_installation
from provisioning.merger.apply import apply_plan
from provisioning.merger.planning import Author
from provisioning.rosters.check import Check
from provisioning.rosters.loading import plan_load
from provisioning.rosters.unit_book import open_unit_book
from tests.provisioning.rosters.makers import AT, roster, write_csv

UNITS = """ref,level,kind,name,short_name,parent_ref,valid_from,scheme1,code1,scheme2,code2,hotline,example
p86,province,office,Tỉnh Vĩnh Long,Vĩnh Long,,2004-07-08,agency,H61,admin-2004,86,0270 1022,
x1,commune,office,Xã An Bình,An Bình,p86,2004-07-08,agency,H61.12.3,admin-2004,28756,,agency
x2,commune,office,Xã Bình Hòa,Bình Hòa,p86,2004-07-08,agency,H61.12.10,admin-2004,00286,0270 3822 222,
s1,department,office,Sở Nội vụ,SNV,p86,2004-07-08,agency,H61.2,,,,
"""
AUTHOR = Author("break-glass:test", "test")
GLASS = Actor("break-glass:test", None, "test", "test")


@dataclass
class Installation:
    """A founded register with units, and a folder for files."""

    runtime: Runtime
    folder: Path
    root: uuid.UUID
    administrators: Sequence[FirstAdministrator]

    def plan(self, *people: Mapping[str, Any], name: str = "roster.csv") -> Plan:
        """The plan of a roster with these people."""
        return self.plan_files(write_csv(self.folder / name, roster(*people)))

    def plan_files(self, *files: Path) -> Plan:
        """The plan of these rosters."""
        with self.runtime.database.read() as reads:
            book = open_unit_book(reads, AT, None)
            with Check(book) as check:
                check.read(files)
                out = self.folder / f"{uuid.uuid4().hex}.plan"
                return plan_load(reads, self.runtime.sealer, book, check, out, AUTHOR, self.runtime.clocks.wall())

    def load(self, *people: Mapping[str, Any], name: str = "roster.csv") -> Plan:
        """Plan, approve and apply."""
        plan = self.plan(*people, name=name)
        self.apply(plan)
        return plan

    def apply(self, plan: Plan) -> None:
        """Approve by another and apply."""
        with self.runtime.database.write() as writes:
            record_approval(writes, plan, "somebody else", self.runtime.clocks.wall(), {})
        apply_plan(self.runtime, plan.path, GLASS)


def found(runtime: Runtime, folder: Path) -> Installation:
    """The first day, and the units."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        administrators = found_installation(writes, "Việt Nam", ["Phạm Quốc Việt", "Đỗ Minh Châu"], now)
        root = writes.execute(sa.select(Unit.id)).scalar_one()
    import_units(runtime.database, read_units(UNITS.encode()), root, "setup", now)
    return Installation(runtime, folder, root, administrators)
