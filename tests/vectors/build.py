"""Makes the checked-in vectors: `python -m tests.vectors.build` writes `pki/` and `documents/` beside this file.

Signatures are random, so each build gives other bytes; tests rely on what the files say, never on their digests.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyhanko.sign.fields import MDPPerm

from tests.vectors.authorities import House, build_house
from tests.vectors.papers import annotate, blank_paper, fill, rewrite_page, sign, stamp_document, update

HERE = Path(__file__).resolve().parent
SIGNED = datetime(2025, 6, 20, 2, 0, tzinfo=UTC)
"""When the papers were signed: ten days before the units merged."""
LISTED = SIGNED + timedelta(hours=1)
"""When the lists that the papers carry were made."""


def build_documents(house: House) -> dict[str, bytes]:
    """All signed papers, by name."""
    lists = house.lists(LISTED)
    paper, form = blank_paper(), blank_paper(form=True)
    level_b = sign(paper, house, house.leader, SIGNED)
    level_lt = sign(paper, house, house.leader, SIGNED, stamp=SIGNED, lists=lists)
    form_lt = sign(form, house, house.leader, SIGNED, stamp=SIGNED, lists=lists)
    return {
        "b": level_b,
        "t": sign(paper, house, house.leader, SIGNED, stamp=SIGNED),
        "lt": level_lt,
        "lta": sign(paper, house, house.leader, SIGNED, stamp=SIGNED, lists=lists, archive=True),
        "pkcs7": sign(paper, house, house.leader, SIGNED, pades=False),
        "leader-then-seal": sign(
            level_lt, house, house.seal, SIGNED, stamp=SIGNED + timedelta(minutes=5), field="Con dau", lists=lists
        ),
        "stamped-only": stamp_document(paper, house, SIGNED),
        "unsigned": paper,
        "expired": sign(paper, house, house.expired, SIGNED),
        "before-its-certificate": sign(paper, house, house.leader, SIGNED, stamp=datetime(2023, 12, 1, tzinfo=UTC)),
        "unknown-authority": sign(paper, house, house.unknown, SIGNED),
        "web-server": sign(paper, house, house.web_server, SIGNED),
        "stamp-by-nobody": sign(paper, house, house.leader, SIGNED, stamp=SIGNED, stamper=house.false_stamping),
        "content-stamped": sign(paper, house, house.leader, SIGNED, stamp=SIGNED, content_stamp=True),
        "filled-in": update(form_lt, fill("reply", "Dong y")),
        "value-replaced": update(form_lt, fill("amount", "900")),
        "page-rewritten": update(level_lt, rewrite_page("Cong van khac")),
        "annotated": update(level_lt, annotate),
        "certified-then-filled": update(
            sign(form, house, house.leader, SIGNED, stamp=SIGNED, lists=lists, certify=MDPPerm.NO_CHANGES),
            fill("reply", "Dong y"),
        ),
    }


def write_vectors(folder: Path) -> None:
    """Write authorities, lists and documents below `folder`."""
    house = build_house()
    (folder / "pki").mkdir(parents=True, exist_ok=True)
    (folder / "documents").mkdir(exist_ok=True)
    for name in House.__dataclass_fields__:
        holder = getattr(house, name)
        (folder / "pki" / f"{name}.pem").write_bytes(holder.pem)
        (folder / "pki" / f"{name}.key").write_bytes(holder.key_pem)
    for name, content in build_documents(house).items():
        (folder / "documents" / f"{name}.pdf").write_bytes(content)


if __name__ == "__main__":
    write_vectors(HERE)
