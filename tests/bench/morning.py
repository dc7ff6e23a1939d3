"""The first morning: 8,000 people activate with their letter's code and log in, all behind one address, a fifth mistyping first.

The register is a generated administration, loaded from its rosters; the service is the one an operator starts. Whoever is told to come
again (503 with Retry-After) comes again when told; nobody may be refused because there are many. `HOPNHAT_BENCH_PEOPLE` (8000) makes
it smaller.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue

import sqlalchemy as sa

from directory.credentials import hash_code, make_code
from directory.models import Account, Credential, Login
from foundation.runtime import Runtime, open_runtime
from sso.client_registration import NewClient
from tests.bench.callers import Answer, Caller
from tests.bench.figures import Figure, measure
from tests.bench.installation import Installation, run_installation
from tests.bench.memory import read_held
from tests.bench.merger import apply, found_register, plan_rosters
from tests.bench.processes import processor_seconds, tree
from tests.bench.served import CALLBACK, SCOPES, User, register
from tests.bench.sign_on import PROCESSORS, SCOPE, Walks, read_hidden
from tests.sso.flow import Application, Attempt
from trial.generator import DEFAULT_PROVINCE, write_trial

PEOPLE = int(os.environ.get("HOPNHAT_BENCH_PEOPLE", "8000"))
AT_ONCE = 120
"""So many people are under way at a time: more than the queues before the hash take, so that some are told to wait."""
MINUTES = 10
ADDRESS = {"X-Forwarded-For": "203.0.113.9"}
"""The whole province sits behind one proxy of its own."""
PATIENCE = 300
"""Seconds that a browser waits for a page."""
MISTYPING = 5
"""Every fifth."""
NEW_PASSWORD = "wqz {} wqz wqz"
"""No name begins so: a password with its owner's log-in inside is refused, and among 8,000 somebody is called `sangth`."""
MEGABYTES = 200


@dataclass(frozen=True)
class Newcomer:
    """Somebody with a letter."""

    number: int
    login: str
    code: str

    @property
    def password(self) -> str:
        """The one they choose."""
        return NEW_PASSWORD.format(self.number * 7919)


@dataclass
class Morning:
    """How it went; written by many threads."""

    through: int = 0
    refused: list[str] = field(default_factory=list)
    told_to_wait: int = 0
    waits: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Crowded(Exception):
    """The service said: come again in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@measure("morning", by_name=True)
def measure_morning() -> list[Figure]:
    """Register, letters, crowd, judgement."""
    made: dict[str, Application] = {}
    newcomers: list[Newcomer] = []

    def fill(runtime: Runtime) -> None:
        load_people(runtime)
        newcomers.extend(hand_out_letters(runtime))
        new = NewClient(
            name="Quản lý văn bản", client_id="van-ban", redirect_uris=(CALLBACK,), scopes=SCOPES, id_token_alg="ES256"
        )
        made["van-ban"] = register(runtime, new)

    with run_installation({"sso": {}}, fill) as here:
        before, begin = read_costs(here), time.monotonic()
        morning = come(here, Walks(made["van-ban"]), newcomers)
        wall = time.monotonic() - begin
        spent = [late - early for early, late in zip(before, read_costs(here), strict=True)]
        return list(judge(morning, len(newcomers), wall, spent, weigh(here)))


def load_people(runtime: Runtime) -> None:
    """A province's units and people, from its rosters by way of a plan, as HR loads them."""
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder:
        place = Path(folder)
        trial = write_trial(place / "trial", (DEFAULT_PROVINCE,))
        open_here = partial(open_runtime, runtime.settings)
        found_register(open_here, trial)
        plan_rosters(open_here, trial, place)
        apply(open_here, place / "roster.plan")


def hand_out_letters(runtime: Runtime) -> list[Newcomer]:
    """A code for everybody who has an account waiting; kept as printing letters keeps it, a few hundred at a time."""
    wanted = (
        sa.select(Account.id, sa.func.min(Login.login))
        .join(Login, Login.account_id == Account.id)
        .where(Account.state == "issued", Account.kind == "business")
        .group_by(Account.id)
        .order_by(Account.id)
        .limit(PEOPLE)
    )
    with runtime.database.read() as reads:
        chosen = [(row[0], row[1]) for row in reads.execute(wanted)]
    newcomers, now, pending = [], runtime.clocks.wall(), iter(chosen)
    number = 0
    while portion := list(islice(pending, 250)):
        with runtime.database.write() as writes:
            for account_id, login in portion:
                code, number = make_code(), number + 1
                credential = writes.get(Credential, account_id) or Credential(account_id=account_id)
                credential.code_hash, credential.code_made_at = hash_code(code), now
                credential.code_until, credential.code_purpose = now.replace(year=now.year + 1), "activation"
                writes.add(credential)
                newcomers.append(Newcomer(number, login, code))
    return newcomers


# --- the crowd -----------------------------------------------------------------------------------------------------


def come(here: Installation, walks: Walks, newcomers: Sequence[Newcomer]) -> Morning:
    """Everybody, so many at a time."""
    morning, waiting = Morning(), SimpleQueue[Newcomer]()
    for one in newcomers:
        waiting.put(one)

    def usher() -> None:
        while True:
            try:
                one = waiting.get_nowait()
            except Empty:
                return
            begin = time.monotonic()
            try:
                activate(here, one, morning)
                log_in(here, walks, one, morning)
            except Exception as error:  # noqa: BLE001  # Whatever it is, this person was refused.
                with morning.lock:
                    morning.refused.append(f"{one.login}: {type(error).__name__} {error}"[:400])
                continue
            with morning.lock:
                morning.through += 1
                morning.waits.append(time.monotonic() - begin)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _number in range(AT_ONCE):
            pool.submit(usher)
    return morning


def activate(here: Installation, one: Newcomer, morning: Morning) -> None:
    """On the phone: the letter's QR opens the page with the log-in; the code, a password of one's own; "my account" afterwards."""
    with Caller(here.origin, ADDRESS, PATIENCE) as phone:
        page = phone.get(f"/activate?login={one.login}").expect(200)
        typed = {"login": one.login, "code": one.code, "new_password": one.password, "new_password_again": one.password}
        sent = insist(morning, lambda: phone.post("/activate", {**read_hidden(page.text), **typed})).expect(303)
        phone.get(sent.headers["location"]).expect(200)


def log_in(here: Installation, walks: Walks, one: Newcomer, morning: Morning) -> None:
    """At the desk: the document system sends them to the log-in page; every fifth mistypes; code and tokens."""
    with Caller(here.origin, ADDRESS, PATIENCE) as desk:
        attempt = Attempt(walks.application, SCOPE)
        page = desk.get(desk.get(attempt.address()).expect(303).headers["location"]).expect(200)
        if one.number % MISTYPING == 0:
            wrong = {**read_hidden(page.text), "login": one.login, "password": one.password[:-1] + "x"}
            page = insist(morning, lambda: desk.post("/login", wrong)).expect(403)
        right = {**read_hidden(page.text), "login": one.login, "password": one.password}
        sent = insist(morning, lambda: desk.post("/login", right)).expect(303)
        user = User(desk, one.login)
        code = walks.read_code(walks.follow(desk, sent))
        walks.redeem(user, attempt, code)


def insist(morning: Morning, ask: Callable[[], Answer]) -> Answer:
    """Ask again whenever told to come again, when told to."""
    while True:
        answer = ask()
        if answer.status != 503:
            return answer
        pause = float(answer.headers["retry-after"])
        with morning.lock:
            morning.told_to_wait += 1
        time.sleep(pause)


# --- what it says --------------------------------------------------------------------------------------------------


def read_costs(here: Installation) -> list[float]:
    """Processor seconds so far: web, worker, database."""
    return [processor_seconds(root) for root in (here.server, here.worker, here.database)]


def weigh(here: Installation) -> list[float]:
    """Megabytes of each web process."""
    held = [read_held(pid) for pid in tree(here.server) if pid != here.server]
    return [one.resident for one in held if one]


def judge(
    morning: Morning, people: int, wall: float, spent: Sequence[float], memory: Sequence[float]
) -> Iterator[Figure]:
    """The figures of the morning; the budget of time is for as many people as were asked for."""
    share = people / 8000
    ordered = sorted(morning.waits) or [0.0]
    middle = ordered[len(ordered) // 2]
    parts = ", ".join(
        f"{name} {seconds:.0f} s" for name, seconds in zip(("web", "worker", "database"), spent, strict=True)
    )
    yield Figure("people through", morning.through, "", people, "more", f"{AT_ONCE} under way at a time")
    yield Figure("refused", len(morning.refused), "", 0, beside=" | ".join(morning.refused[:3]))
    yield Figure("minutes, wall", wall / 60, "min", MINUTES * share, beside=f"load {os.getloadavg()[0]:.1f}")
    alone = sum(spent) / PROCESSORS / 60
    beside = f"{parts}; {sum(spent) / max(people, 1) * 1000:.0f} ms a person"
    yield Figure(f"minutes of {PROCESSORS} processors", alone, "min", MINUTES * share, beside=beside)
    yield Figure("told to come again in a moment", morning.told_to_wait, "")
    yield Figure("longest way through", ordered[-1], "s", None, beside=f"middle {middle:.1f} s")
    for number, megabytes in enumerate(memory, 1):
        yield Figure(f"web process {number} afterwards", megabytes, "MB", MEGABYTES)
