"""Units with everything above them."""

import sqlalchemy as sa

from directory.chains import find_chains, full_name
from foundation.changes import AsOf
from tests.directory.conftest import BEFORE, MERGER, World


def test_many_units_take_as_many_statements_as_one(world: World) -> None:
    world.unit("Tỉnh Vĩnh Long", level="province", admin_2004="86")
    world.unit("Huyện Long Hồ", level="district", parent="Tỉnh Vĩnh Long", ends=MERGER)
    communes = [world.unit(f"Xã {n}", parent="Huyện Long Hồ", admin_2004=f"0000{n}", ends=MERGER) for n in range(3)]
    counts = []
    for asked in (communes[:1], [*communes, world.units["Tỉnh Vĩnh Long"]]):
        with world.database.read() as reads:
            sent: list[str] = []
            sa.event.listen(reads.connection(), "before_cursor_execute", lambda *told, into=sent: into.append(told[2]))
            chains = find_chains(reads, asked, AsOf(BEFORE))
        counts.append(len(sent))
        assert [chain[0].id for chain in chains.values()] == asked
    assert counts == [2, 2]
    assert [full_name(chain) for chain in chains.values()] == [
        *(f"UBND xã {n}, huyện Long Hồ, tỉnh Vĩnh Long" for n in range(3)),
        "UBND tỉnh Vĩnh Long",
    ]
    assert chains[communes[1]][0].codes == {"admin-2004": "00001"}
