"""A verifier for this installation: its settings' trust, its own authority's certificates and lists, its register."""

import time

from foundation.runtime import Runtime
from foundation.settings import Settings
from signing.authority.embedded import open_authority
from signing.authority.lists import current_list, root_list
from signing.settings import VerificationSection
from signing.verification.confinement import Limits
from signing.verification.fetching import Fetcher
from signing.verification.register import DirectoryRegister
from signing.verification.sandbox import Sandbox
from signing.verification.trust import Trust, read_trust
from signing.verification.verifier import Verifier

ROOT_FILE = "authority-root.cer"
KEPT_SECONDS = 5.0


def build_sandbox(settings: Settings, workers: int | None = None) -> Sandbox:
    """The wall with the bounds of the settings."""
    section = settings[VerificationSection]
    limits = Limits(
        seconds=section.seconds,
        cpu_seconds=max(1, int(section.seconds)),
        memory_bytes=section.memory_mb << 20,
        document_bytes=section.document_mb << 20,
    )
    return Sandbox(limits, workers or section.workers)


def build_fetcher(settings: Settings) -> Fetcher | None:
    """A fetcher for the hosts of the settings; None where no host is named."""
    hosts = settings[VerificationSection].fetch_hosts
    return Fetcher(frozenset(host.lower() for host in hosts)) if hosts else None


def build_verifier(runtime: Runtime, sandbox: Sandbox) -> Verifier:
    """The verifier of a running installation."""
    configured = read_trust(runtime.settings[VerificationSection].trust)
    own = OwnTrust(runtime)
    return Verifier(
        sandbox=sandbox,
        now=runtime.clocks.wall,
        trust=lambda: configured + own.get(),
        register=lambda: DirectoryRegister(runtime.database, runtime.clocks.register()),
        fetcher=build_fetcher(runtime.settings),
    )


class OwnTrust:
    """The embedded authority's root as an anchor, its issuing certificate and its current lists, asked anew every few seconds."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: tuple[float, Trust] | None = None

    def get(self) -> Trust:
        """What the authority says; nothing where it was never opened."""
        kept = self._kept
        if kept is None or kept[0] < time.monotonic():
            kept = self._kept = (time.monotonic() + KEPT_SECONDS, ask_authority(self._runtime))
        return kept[1]


def ask_authority(runtime: Runtime) -> Trust:
    """The authority's certificates and lists of this moment."""
    if not (runtime.settings.keys / ROOT_FILE).is_file():
        return Trust()
    authority = open_authority(runtime)
    issuing, root = authority.chain()
    lists = (current_list(runtime, authority), root_list(authority.keys, runtime.clocks.wall()))
    return Trust((root,), (issuing,), lists)
