"""The screen of a rehearsal: how long it took, what the register will be, and what speaks against going on."""

from collections.abc import Sequence

from foundation.i18n import _
from provisioning.merger.reader import Reader, label
from provisioning.merger.rehearsal import Rehearsal


def build_rehearsal_screen(found: Rehearsal, against: Sequence[str], reader: Reader) -> list[str]:
    """How long it took, what the register will be, and what speaks against going on."""
    times = [
        reader.say(_("copied in {seconds} s"), seconds=f"{found.copied:.1f}"),
        reader.say(_("applied in {seconds} s"), seconds=f"{found.applied:.1f}"),
        reader.say(_("{rate} changes a second"), rate=reader.count(round(found.rate))),
    ]
    digests = f"{found.digest_before[:12]} → {found.digest_after[:12]}"
    lines = ["", *label(reader, _("Rehearsal"), " · ".join(times))]
    lines += label(reader, _("Register"), digests)
    lines += label(reader, _("Go"), *(against or [reader.say(_("nothing speaks against it"))]))
    return [*lines, ""]
