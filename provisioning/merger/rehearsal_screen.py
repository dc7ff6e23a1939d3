"""The screen of a rehearsal: how long it took, what the register and the directory become, and what speaks for and against going on."""

from foundation.i18n import _
from provisioning.merger.reader import Reader, label
from provisioning.merger.rehearsal import Rehearsal


def build_rehearsal_screen(found: Rehearsal, reader: Reader) -> list[str]:
    """The lines of the screen, without colour."""
    times = [
        reader.say(_("copied in {seconds} s"), seconds=f"{found.copied:.1f}"),
        reader.say(_("applied in {seconds} s"), seconds=f"{found.applied:.1f}"),
        reader.say(_("{rate} changes a second"), rate=reader.count(round(found.rate))),
    ]
    rows = [
        f"{table}  -{reader.count(one.withdrawn)} +{reader.count(one.written)}" for table, one in found.rows.items()
    ]
    lines = ["", *label(reader, _("Rehearsal"), " · ".join(times))]
    lines += label(reader, _("Register"), f"{found.digest_before[:12]} → {found.digest_after[:12]}", *rows)
    if found.directory is not None:
        signs = (("+", found.directory.added), ("~", found.directory.changed), ("-", found.directory.deleted))
        entries = " ".join(f"{sign}{reader.count(count)}" for sign, count in signs)
        told = reader.say(
            _("{entries} of {count} entries"), entries=entries, count=reader.count(found.directory.entries)
        )
        lines += label(reader, _("LDAP"), told, found.directory.listing)
    verdict = reader.say(_("GO")) if not found.against else reader.say(_("NO-GO, unless you mean it"))
    listed = [f"{'✓' if one.ok else '✗'} {one.told.show(reader.language)}" for one in found.findings]
    return [*lines, *label(reader, _("Go"), verdict, *listed), ""]
