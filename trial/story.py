"""The story of `hopnhat demo`: provinces become one, or the whole country at once, told with real parts and checked through other doors."""

import signal
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from foundation.errors import BadInput
from foundation.i18n import _
from foundation.terminal import out
from trial.casting import STORY_PROVINCE
from trial.generator import all_provinces, write_trial
from trial.scenes import afterwards, before, cutover
from trial.setting import Setting, set_story
from trial.stage import open_stage
from trial.teller import Story
from trial.watching import Watch

SCENES = (
    ("1 · A service with two administrators", before.found_the_service),
    ("2 · The old units", before.bring_units),
    ("3 · Rosters as they first arrive", before.check_rosters),
    ("4 · Rosters mended, planned, approved, applied; LDAP printed", before.load_rosters),
    ("5 · A document system is connected", before.connect_document_system),
    ("6 · An official activates and logs in under the old unit", before.activate_an_official),
    ("7 · Certificates of the past", afterwards.import_the_past),
    ("8 · Decree and placement become a plan", cutover.plan_the_merger),
    ("9 · Its author cannot approve it", cutover.refuse_its_author),
    ("10 · Approved by another, applied", cutover.apply_the_merger),
    ("10a · Every code of the country, looked up", cutover.look_every_code_up),
    ("11 · A second merger, dated less than a minute ahead", cutover.begin_a_small_merger),
    ("12 · The same official under the new unit", afterwards.meet_the_same_official),
    ("13 · The directory after", afterwards.look_at_the_directory),
    ("14 · Letters of one former district", afterwards.print_letters),
    ("15 · Certificates of one commune", afterwards.issue_certificates),
    ("16 · Papers signed before and after", afterwards.verify_papers),
    ("17 · The clock alone", cutover.wait_for_the_clock),
    ("18 · The report", afterwards.report_the_state),
)


def tell(folder: Path, port: int, provinces: Sequence[str], seed: int, once: bool, database: str | None = None) -> int:
    """Tell the whole story of these new provinces; 0 when every check held. With `once` it ends there, else it serves until Ctrl-C.

    Of several provinces the scenes follow people of Vĩnh Long, or else of the first. Raises BadInput for a province that is none.
    """
    signal.signal(signal.SIGTERM, leave)
    setting = find_setting(provinces)
    with open_stage(folder, port, database) as stage, Watch() as watch:
        out.print(f"[bold]Hợp Nhất[/bold] · {stage.issuer} · everything lies in {folder}/")
        began = time.monotonic()
        story = Story(stage, setting, watch, partial(write_trial, folder / "trial", provinces, seed=seed), began=began)
        story.say(f"seed {seed}")
        for title, play in SCENES:
            with story.scene(title):
                play(story)
        out.print(f"\n[bold]{story.checks} checks held · {time.monotonic() - began:.0f} s[/bold]")
        if once:
            return 0
        story.tell_where_to_look()
        out.print("\nCtrl-C ends everything.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            out.print("\nEnded.")
    return 0


def find_setting(provinces: Sequence[str]) -> Setting:
    """The setting of these provinces. Raises BadInput for a province that is none."""
    known = all_provinces()
    for code in provinces:
        if code not in known:
            raise BadInput(_("{code} is none of the new provinces: {codes}."), code=code, codes=", ".join(known))
    return set_story(provinces, STORY_PROVINCE if STORY_PROVINCE in provinces else provinces[0])


def leave(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the story as Ctrl-C does."""
    raise KeyboardInterrupt
