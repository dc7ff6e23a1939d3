"""`hopnhat worker`: the process that does what stands in the outbox."""

from typing import Annotated

import typer

from foundation.log import open_log
from foundation.outbox import retry_parked
from foundation.shell import get_shell
from foundation.web_section import WebSection
from provisioning.working import run_worker


def worker(
    context: typer.Context,
    retry: Annotated[bool, typer.Option("--retry-parked", help="first put back the jobs that were given up")] = False,
) -> int:
    """Do what stands in the outbox and seal the audit, until told to stop."""
    runtime = get_shell(context).runtime
    if retry:
        retry_parked(runtime.database, runtime.clocks.wall())
    open_log(runtime.settings[WebSection].log_level)
    run_worker(runtime)
    return 0
