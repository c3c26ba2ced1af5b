"""Nothing leaves this machine: connections and name look-ups other than loopback are refused.

A Python audit hook can't be taken off again, so it asks a flag. It sees what Python's own sockets do; a program that
the function starts is not seen by it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing itself is not loaded: this is part of every cold start
if TYPE_CHECKING:
    from typing import Any, NoReturn

active = False
_installed = False


class OutsideConnection(PermissionError):
    """Code tried to reach something other than this machine."""


def refuse_outside_connections() -> None:
    """Refuse, from now on, every connection of this process that does not stay on loopback."""
    global active, _installed
    active = True
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def allow_outside_connections() -> None:
    """Lift the refusal."""
    global active
    active = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not active:
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_loopback(address[0]):
            _refuse(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if not is_loopback(arguments[0]):
            _refuse(arguments[0])
    elif event == "http.client.send":  # also over a connection that was open before
        if not is_loopback(arguments[0].host):
            _refuse(arguments[0].host)
    elif event == "socket.getnameinfo" and not is_loopback(arguments[0][0]):
        _refuse(arguments[0][0])


def is_loopback(host: str | bytes | None) -> bool:
    """Whether this host name or address is the machine itself; an empty one is."""
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    host = host.lower().rstrip(".")
    return (
        host in ("", "localhost", "::1", "0.0.0.0", "::")
        or host.endswith(".localhost")
        or (host.startswith("127.") and host.replace(".", "").isdigit())
        or host.startswith("::ffff:127.")
    )


def _refuse(host: object) -> NoReturn:
    raise OutsideConnection(
        f"labkit keeps everything on this machine, so the connection to {host!r} was refused. "
        "A function and a lesson reach only the account that labkit runs; labkit.start().stop() ends that."
    )
