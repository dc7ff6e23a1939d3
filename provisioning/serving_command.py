"""`hopnhat serve`, `worker` and `version`: the running service, and which release it is."""

from typing import Annotated

import typer

from foundation.log import open_log
from foundation.outbox import retry_parked
from foundation.shell import get_shell
from foundation.web_section import WebSection
from provisioning.serving import run_worker
from provisioning.serving import serve as serve_until_stopped


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
    workers: Annotated[int | None, typer.Option(help="web processes")] = None,
) -> int:
    """Serve the pages and the protocols until told to stop."""
    runtime = get_shell(context).runtime
    open_log(runtime.settings[WebSection].log_level)
    serve_until_stopped(runtime, host, port, workers)
    return 0


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
