"""The teller: says what happens, runs verbs as an administrator types them, and holds every claim against another door."""

import io
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.errors import OurFault
from foundation.terminal import out, run
from trial.generator import Trial
from trial.setting import Setting
from trial.stage import Stage, program
from trial.visitor import Visitor
from trial.watching import Watch


class StoryBroken(OurFault):
    """A check of the story did not hold."""

    code = "story_broken"
    sentence = "The story does not hold: {claim} ({found})"


@dataclass(frozen=True)
class Administrator:
    """One of the first two: who they are and where their token lies."""

    name: str
    login: str
    password: str
    token: Path


@dataclass
class Story:
    """What the scenes share: the stage, the generated administration, the people, and the clock of the telling."""

    stage: Stage
    setting: Setting
    watch: Watch
    generate: Callable[[], Trial]
    trial: Trial = field(init=False)
    admins: list[Administrator] = field(default_factory=list)
    remembered: dict[str, Any] = field(default_factory=dict)
    checks: int = 0
    began: float = field(default_factory=time.monotonic)
    acting: Administrator | None = None

    @contextmanager
    def scene(self, title: str) -> Iterator[None]:
        """A chapter with its time."""
        out.print(f"\n[bold]{title}[/bold]")
        yield
        out.print(f"  [dim]{self.watch.lap()} · {time.monotonic() - self.began:.0f} s since the beginning[/dim]")

    def say(self, words: str) -> None:
        """One sentence of the story."""
        out.print(f"  {words}", markup=False)

    def check(self, claim: str, found: object, wanted: object = True) -> None:
        """Hold a claim against what another door says. Raises StoryBroken."""
        if found != wanted:
            raise StoryBroken(claim=claim, found=f"{found!r}, not {wanted!r}")
        self.checks += 1
        out.print(f"  [green]✓[/green] {claim}")

    def write_administration(self) -> None:
        """Generate the administration; later scenes read its files."""
        self.trial = self.generate()
        made = self.trial
        self.say(f"generated: {made.people:,} people of {made.units:,} units in {len(made.rosters)} rosters")

    def act_as(self, administrator: Administrator) -> None:
        """From here on the verbs are this person's."""
        self.acting = administrator

    def hopnhat(self, *arguments: str | Path, expect: int = 0, show: bool = True, quiet: bool = False) -> str:
        """Run a verb as it would be typed; gives what it printed on stdout. Raises StoryBroken on another exit code."""
        from provisioning.command import app

        words = [str(argument) for argument in arguments]
        if not quiet:
            out.print(f"  [bold]$ hopnhat {' '.join(shorten(words))}[/bold]", highlight=False)
        if self.setting.whole_country and not quiet:
            code, text = self._run_apart(words)
        else:
            printed = io.StringIO()
            with self._identity(), redirect_stdout(printed):
                code = run(app, ["--config", str(self.stage.config), *words])
            text = printed.getvalue()
        if show and not quiet and text.strip():
            out.print("\n".join(f"    {line}" for line in text.rstrip().splitlines()), markup=False)
        if code != expect:
            raise StoryBroken(claim=f"hopnhat {' '.join(words[:3])} ends with {expect}", found=f"{code}: {text[-400:]}")
        return text

    def _run_apart(self, words: Sequence[str]) -> tuple[int, str]:
        """The verb in a process of its own, as it is typed: its memory is its own and goes with it."""
        code, place = self._run_into(words, self.stage.log / "printed.txt")
        return code, place.read_text(encoding="utf-8")

    def _run_into(self, words: Sequence[str], place: Path) -> tuple[int, Path]:
        with self._identity(), place.open("wb") as printed:
            command = [program(), "--config", str(self.stage.config), *words]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=printed, check=False)
        return done.returncode, place

    def hopnhat_into(self, place: Path, *arguments: str | Path, expect: int = 0) -> Path:
        """Run a verb that prints more than anybody wants in memory, into a file. Raises StoryBroken on another exit code."""
        words = [str(argument) for argument in arguments]
        out.print(f"  [bold]$ hopnhat {' '.join(shorten(words))} > {place.name}[/bold]", highlight=False)
        code, _ = self._run_into(words, place)
        if code != expect:
            raise StoryBroken(claim=f"hopnhat {' '.join(words[:2])} ends with {expect}", found=code)
        return place

    def ask(self, *arguments: str | Path) -> int:
        """Run a verb for its exit code only."""
        from provisioning.command import app

        with self._identity(), redirect_stdout(io.StringIO()):
            return run(app, ["--config", str(self.stage.config), *(str(argument) for argument in arguments)])

    @contextmanager
    def _identity(self) -> Iterator[None]:
        """The token of whoever is acting, as their shell would have it."""
        before = os.environ.get("HOPNHAT_TOKEN_FILE")
        if self.acting is not None:
            os.environ["HOPNHAT_TOKEN_FILE"] = str(self.acting.token)
        try:
            yield
        finally:
            if before is None:
                os.environ.pop("HOPNHAT_TOKEN_FILE", None)
            else:
                os.environ["HOPNHAT_TOKEN_FILE"] = before

    def log_in_at_the_terminal(self, administrator: Administrator) -> None:
        """`hopnhat login` in its own process; its address is opened in a browser as a person would."""
        out.print(f"  [bold]$ hopnhat login[/bold]   # {administrator.login}", highlight=False)
        environment = {**os.environ, "HOPNHAT_TOKEN_FILE": str(administrator.token), "DISPLAY": "", "BROWSER": ""}
        command = [program(), "--config", str(self.stage.config), "login", "--no-browser"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True)
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                said += line
                if line.strip().startswith("http"):
                    break
            address = line.strip()
            if not address.startswith("http"):
                raise StoryBroken(claim="hopnhat login prints an address", found=said)
            with Visitor() as visitor:
                visitor.open(address)
                visitor.log_in(administrator.login, administrator.password)
            _, said = process.communicate(timeout=30)
        finally:
            watchdog.cancel()
        if process.returncode != 0:
            raise StoryBroken(claim="hopnhat login", found=said)

    def tell_where_to_look(self) -> None:
        """The last screen of the story: addresses and log-ins."""
        known = self.trial.known
        out.print("\n[bold]Where to look[/bold]")
        rows = [
            ("Sign-on, my account", f"{self.stage.issuer}/me"),
            ("Document system", self.stage.documents),
            ("Signing", f"{self.stage.issuer}/signing/"),
            (
                f"What became of {self.setting.former.name}",
                f"{self.stage.issuer}/api/units/{self.setting.former.code}/successors",
            ),
        ]
        for label, address in rows:
            out.print(f"  {label:<22} {address}", highlight=False)
        out.print("\n[bold]Log-ins of this trial[/bold]")
        for administrator in self.admins:
            out.print(f"  {administrator.login:<14} {administrator.password:<24} {administrator.name}", highlight=False)
        for key in ("commune_chair", "commune_clerk", "district_clerk", "namesake_ben_tre"):
            if key in known:
                person = known[key]
                out.print(f"  {person.login:<14} {person.password:<24} {person.name} · {person.title}", highlight=False)


def shorten(words: Sequence[str]) -> list[str]:
    """The words of a call as a shell would need them; many files of one folder are shown as `folder/*`."""
    shown: list[str] = []
    for word in words:
        folder = word.rpartition("/")[0]
        same = [other for other in words if "/" in other and other.rpartition("/")[0] == folder]
        many = folder and len(same) > 3
        if not many:
            shown.append(quote(word))
        elif f"{folder}/*" not in shown:
            shown.append(f"{folder}/*")
    return shown


def quote(word: str) -> str:
    """A word as a shell would need it."""
    return f"'{word}'" if any(letter in word for letter in " '\"()") else word


@dataclass(frozen=True)
class Sample:
    """What somebody saw, and how many seconds it took."""

    seen: Any
    seconds: float


class Reading:
    """A thread that samples something while the story goes on."""

    def __init__(self, sample: Callable[[], Any], pause: float = 0.05) -> None:
        self.samples: list[Sample] = []
        self._sample = sample
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Reading":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            since = time.monotonic()
            try:
                seen = self._sample()
            except Exception as error:  # noqa: BLE001 — whatever it is, somebody was not served: that is what was seen
                seen = f"{type(error).__name__}: {error}"
            self.samples.append(Sample(seen, time.monotonic() - since))

    @property
    def seen(self) -> set[Any]:
        """Every different thing that was seen."""
        return {sample.seen for sample in self.samples}

    def __str__(self) -> str:
        """How often it looked, and how long it took: the middle and the worst, in milliseconds."""
        waits = sorted(sample.seconds * 1000 for sample in self.samples)
        if not waits:
            return "never"
        return f"{len(waits)} times, {waits[len(waits) // 2]:.0f} ms in the middle, {waits[-1]:.0f} ms at worst"
