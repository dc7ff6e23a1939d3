"""`hopnhat doctor`: is everything there, which build of argon2 runs, what a hash costs here, and the command that mends what is missing."""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import typer

from directory.credentials import hash_password
from directory.settings import LdapSettings
from foundation.clocks import read_wall
from foundation.errors import HopnhatError
from foundation.i18n import Message, _, translate
from foundation.outbox import count_by_state
from foundation.runtime import Runtime
from foundation.settings import Settings
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json
from provisioning.schema import find_step, newest_step
from provisioning.settings import ServeSection
from signing.verification.cases import Case
from signing.verification.confinement import FENCES
from signing.verification.sandbox import Sandbox
from sso.certificates.settings import ClientCertificateSection

COMPILE: Final = "apt-get install gcc python3-dev && rm -f .venv/.installed-* && make install"
MEND_PROXY: Final = _("set socket under [serve], or proxy_secret: docs/deploy.md")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `ok` true, false, or None for a remark; `mend` is the command that helps."""

    name: str
    ok: bool | None
    what: Message
    mend: Message | None = None


def plain(text: object) -> Message:
    """What is the same in every language: a number, a path, a command."""
    return Message("{text}", {"text": text})


def look_at_python() -> Finding:
    """The interpreter."""
    return Finding("Python", sys.version_info >= (3, 11), plain(sys.version.split()[0]))


def look_at_hash() -> Finding:
    """Which argon2 runs and what a hash costs: CPU time, best of five."""
    costs = []
    for _round in range(5):
        start = time.process_time()
        hash_password("đo một lần băm")
        costs.append((time.process_time() - start) * 1000)
    # What deploy/install.sh left in the environment when the bindings compiled; speed alone would not tell on a slow machine.
    flags = Path(sys.prefix, "argon2.flags")
    build, mend = Message("generic wheel"), plain(COMPILE)
    if flags.is_file():
        build = Message("compiled for this machine ({flags})", {"flags": flags.read_text().strip()})
    costs_and_build = {"ms": f"{min(costs):.1f}", "version": version("argon2-cffi"), "build": build}
    text = Message("{ms} ms · argon2-cffi {version} · {build}", costs_and_build)
    return Finding("argon2id", True if flags.is_file() else None, text, None if flags.is_file() else mend)


def look_at_program(name: str, package: str) -> Callable[[], Finding]:
    """Whether a program of the distribution is there."""

    def look() -> Finding:
        place = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        if place is not None:
            return Finding(name, True, plain(place))
        return Finding(name, False, Message("missing"), plain(f"apt-get install {package}"))

    return look


def look_at_register(runtime: Runtime) -> list[Finding]:
    """The database, its tables and the outbox."""
    try:
        step, wanted = find_step(runtime.database), newest_step()
    except HopnhatError as error:
        return [Finding("database", False, Message(error.message, error.values), plain("hopnhat init"))]
    if step is None:
        return [Finding("database", None, Message("empty"), plain("hopnhat init"))]
    text = Message("step {step} of {wanted}", {"step": step, "wanted": wanted})
    found = [Finding("database", step == wanted, text, None if step == wanted else plain("hopnhat db upgrade"))]
    if step == wanted:
        states = count_by_state(runtime.database)
        parked = states.get("parked", 0)
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        mend = plain("hopnhat worker --retry-parked") if parked else None
        found.append(Finding("outbox", parked == 0, plain(counted) if counted else Message("empty"), mend))
    return found


def look_at_keys(runtime: Runtime) -> Finding:
    """Whether the secret keys are readable by their owner only."""
    keys = runtime.settings.keys
    loose = [key.name for key in keys.iterdir() if key.is_file() and key.stat().st_mode & 0o077]
    return Finding("keys", not loose, plain(keys), plain(f"chmod 600 {keys}/*") if loose else None)


def look_at_proxy(settings: Settings) -> list[Finding]:
    """By what the proxy is told from other programs; nothing where nobody is believed anything."""
    section, certificates = settings[ServeSection], settings[ClientCertificateSection]
    if section.socket is not None:
        loose = section.socket.exists() and section.socket.stat().st_mode & 0o007
        mend = plain(f"chmod 660 {section.socket}") if loose else None
        return [Finding("proxy", not loose, Message("by {socket}", {"socket": section.socket}), mend)]
    if not settings.trusted_proxies:
        return []
    addresses = {"addresses": ", ".join(settings.trusted_proxies)}
    if settings.proxy_secret is not None:
        loose = settings.proxy_secret.is_file() and settings.proxy_secret.stat().st_mode & 0o007
        mend = plain(f"chmod o= {settings.proxy_secret}") if loose else None
        return [Finding("proxy", not loose, Message("by the secret it shows"), mend)]
    if not certificates.enabled:
        told = Message("any program at {addresses} is believed about who calls", addresses)
        return [Finding("proxy", None, told, Message(MEND_PROXY))]
    if certificates.proxy_by_address:
        told = Message(
            "any program at {addresses} is believed about who calls, and about the certificates it logs in with",
            addresses,
        )
        return [Finding("proxy", None, told, Message(MEND_PROXY))]
    told = Message("any program at {addresses} is believed: certificates from there are refused", addresses)
    return [Finding("proxy", False, told, Message(MEND_PROXY))]


def look_at_wall() -> Finding:
    """What keeps a stranger's document in: which fences this kernel gives around the processes that judge."""
    with Sandbox(workers=1) as sandbox:
        sandbox.judge(Case(b"%PDF-1.7\n", read_wall()))
        fences = sandbox.fences or {}
    missing = ", ".join(name for name in FENCES if not fences.get(name))
    if not missing:
        return Finding("verification", True, Message("limits, Landlock for files, seccomp for calls and network"))
    mend = Message("run on a kernel with CONFIG_SECURITY_LANDLOCK and seccomp")
    return Finding("verification", None, Message("not offered: {fences}", {"fences": missing}), mend)


def doctor(context: typer.Context, output: OutputOption = Output.table) -> int:
    """Look at everything the service needs; 1 when something is missing."""
    runtime = get_shell(context).runtime
    looks: list[Callable[[], Finding]] = [
        look_at_python,
        look_at_hash,
        look_at_program("openssl", "openssl"),
        look_at_wall,
    ]
    if runtime.settings[LdapSettings].private:
        looks.append(look_at_program("slapd", "slapd"))
    findings = [
        *(look() for look in looks),
        *look_at_register(runtime),
        look_at_keys(runtime),
        *look_at_proxy(runtime.settings),
    ]
    if output is Output.json:
        print_json([{**vars(one), "what": str(one.what), "mend": one.mend and str(one.mend)} for one in findings])
    else:
        tongue = language()
        for finding in findings:
            sign = {True: "✓", False: "✗", None: "·"}[finding.ok]
            out.print(f"  {sign} {finding.name:<12} {finding.what.show(tongue)}", markup=False)
            if finding.mend:
                out.print(f"    {translate(tongue, _('to mend it:'))} {finding.mend.show(tongue)}", markup=False)
    return 1 if any(finding.ok is False for finding in findings) else 0
