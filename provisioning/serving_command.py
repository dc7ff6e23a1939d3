"""`hopnhat serve`: the running service."""

from typing import Annotated

import typer

from foundation.log import open_log
from foundation.shell import get_shell
from foundation.web_section import WebSection
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
