"""Whether an address can be served on, before anything long begins: `python -m data.free_port HOST PORT`.

Needs nothing but Python itself, so that it can be asked before the packages are installed.
"""

from __future__ import annotations

import errno
import socket
import sys

PRIVILEGED = 1024  # ports below belong to root


def port_problem(host: str, port: int) -> str | None:
    """A sentence that says why nothing can be served there and what to do; None where it can."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        return f"there is no address '{host}' on this machine. Start again with HOST=127.0.0.1."
    with socket.socket(family, kind) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            listener.bind(address)
            listener.listen(1)
        except OSError as error:
            return _sentence(error, host, port)
    return None


def _sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use by another program, perhaps by this dashboard started earlier. End that "
            f"one, or start again with another port, for example PORT={port + 1 if port < 65535 else port - 1}."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {host}. Start again with HOST=127.0.0.1."
    if error.errno == errno.EACCES and port < PRIVILEGED:
        return (
            f"port {port} is for the administrator only. Start again with a port from {PRIVILEGED}, such as PORT=8050."
        )
    return f"port {port} of {host} cannot be used ({error.strerror}). Start again with another one, such as PORT=8051."


def main(host: str, port: str) -> int:
    """Print the problem, if there is one; the exit code is 1 then."""
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        print(f"PORT is '{port}'; it must be a number from 1 to 65535, such as PORT=8050.")
        return 1
    problem = port_problem(host, int(port))
    if problem:
        print(problem)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
