"""What is answered on the doorstep: in a process of the web server hot paths go straight from the server's own thread to our hands.

By itself the server wakes the event loop for each request, once more for each piece of its body, and we hop from the loop to a thread and
back: that is three quarters of what a short answer costs. So what `foundation.shortcut` can answer is not shown to the loop. Its body,
which announces its length and is none larger than a form may be, is gathered as it comes in, and no thread waits for it; then one of our
threads answers. Everything else goes by the loop as ever.

This is the one place that knows the inside of granian, so it asks for the release it was tried with. With another one, or another loop,
the server's own way is used, which gives the same answers.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from foundation.forms import FORM_BYTES, find_length
from foundation.shortcut import PlainEndpoint, Shortcut

TRIED: Final = "2.8."
"""The releases of granian this was tried with."""

log = logging.getLogger("hopnhat.web")


def open_doorstep(shortcut: Shortcut) -> bool:
    """Answer what the shortcut takes without the loop, in this process, which serves nothing yet. Gives whether the server lets us."""
    if not version("granian").startswith(TRIED):
        log.warning("this release of the web server is not known; requests go the long way")
        return False
    processes: Any = import_module("granian.server.mp")
    processes._new_cbscheduler = partial(build_scheduler, shortcut)
    return True


def build_scheduler(shortcut: Shortcut, loop: Any, callback: Any, impl_asyncio: bool = False) -> Any:
    """What the server hands each request to, in the place of its own."""
    futures: Any = import_module("granian._futures")  # Its inside has no types.
    if not divert(loop):
        return futures._new_cbscheduler(loop, callback, impl_asyncio=impl_asyncio)
    enter, leave = (partial(step, loop) for step in (asyncio.tasks._enter_task, asyncio.tasks._leave_task))
    scheduler = futures._BaseCBScheduler(loop, callback, None, enter, leave)
    scheduler._schedule_fn = Doorstep(shortcut, futures._cbsched_aioschedule(loop, scheduler._ctx, callback))
    return scheduler


def divert(loop: Any) -> bool:
    """Have a loop call what waits for a body at once, on the thread the news comes on. Gives whether this loop can be changed."""
    later, threadsafe = loop.call_soon, loop.call_soon_threadsafe

    def hear(ordinary: Callable[..., Any], callback: Any, *arguments: Any, context: Any = None) -> Any:
        return callback(*arguments) if type(callback) is Arrival else ordinary(callback, *arguments, context=context)

    try:
        loop.call_soon, loop.call_soon_threadsafe = partial(hear, later), partial(hear, threadsafe)
    except AttributeError:
        return False
    return True


class Doorstep:
    """Called by the server's thread with each request as it comes in; never raises and never waits."""

    def __init__(self, shortcut: Shortcut, ordinary: Callable[[Any], None]) -> None:
        self._shortcut = shortcut
        self._ordinary = ordinary

    def __call__(self, watcher: Any) -> None:
        """Take a request in, or show it to the loop."""
        plain = self._shortcut.find(watcher.scope)
        if plain is None:
            self._ordinary(watcher)
            return
        arrival = Arrival(self._shortcut, plain, watcher)
        if watcher.scope["method"] != "POST" or arrival.length == 0:
            arrival.hand_over()
        elif arrival.length is not None and arrival.length <= FORM_BYTES:
            arrival.ask()
        else:
            self._ordinary(watcher)


class Arrival:
    """A request whose body is on its way."""

    def __init__(self, shortcut: Shortcut, plain: PlainEndpoint, watcher: Any) -> None:
        self._shortcut = shortcut
        self._plain = plain
        self._scope = watcher.scope
        self._protocol = watcher.proto
        self._body = b""
        announced = next((value for name, value in self._scope["headers"] if name == b"content-length"), b"")
        self.length = find_length(announced.decode("latin-1"))

    def ask(self) -> None:
        """Be called with the next piece of the body."""
        self._protocol.receive().add_done_callback(self)

    def __call__(self, piece: Any) -> None:
        """Take a piece. A caller who is gone is not answered."""
        try:
            message = piece.result()
            if message["type"] != "http.request":
                return
            self._body += message["body"]
            if message["more_body"] and len(self._body) < (self.length or 0):
                self.ask()
            else:
                self.hand_over()
        except Exception:
            log.exception("unexpected")

    def hand_over(self) -> None:
        """Have one of our threads answer."""
        self._plain.crew.give(self.answer)

    def answer(self) -> None:
        """Answer, on that thread."""
        start, end = self._shortcut.answer(self._plain, self._scope, self._body)
        self._protocol.send(start)
        self._protocol.send(end)
