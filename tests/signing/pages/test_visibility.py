"""What a list offers for approval is what an approval accepts."""

import sqlalchemy as sa

from foundation.runtime import Runtime
from signing.models import Dossier
from signing.pages.visibility import find_approvable, find_hindrance
from signing.requests.asking import ask_new
from signing.requests.choices import choose
from tests.signing.world import BEGINNING, Merged


def test_the_list_offers_what_the_approval_accepts(merged: Merged, runtime: Runtime) -> None:
    other = merged.world.unit("Xã Ba Động", merged.province)
    superior = merged.world.official("Huỳnh Quốc Đạt", (merged.province, BEGINNING, None), duties="leader")
    stranger = merged.world.official("Phạm Văn Lạ", (other, BEGINNING, None), duties="approver")
    second = merged.world.official("Trần Thị Hai", (merged.new, BEGINNING, None), duties="leader")
    now = runtime.clocks.wall()
    dossier = merged.propose()
    with runtime.database.write() as writes:
        for person in (superior, stranger):
            ask_new(writes, person, now)
        choose(writes, merged.request_of(dossier, merged.official), "revocation", second, "nghỉ hưu", now)
    with runtime.database.read() as reads:
        dossiers = list(reads.execute(sa.select(Dossier)).scalars())
        assert len(dossiers) >= 4
        offered = 0
        for person in (merged.head, merged.deputy, merged.official, superior, stranger, second):
            wanted = {row.id for row in dossiers if find_hindrance(reads, row, person, now) is None}
            assert find_approvable(reads, dossiers, person, now) == wanted
            offered += len(wanted)
        assert offered > 4
