"""Keeps the worker running beside the web server, and ends it when the server ends.

`python -m data.jobs.supervisor <process of the server> <worker processes>`; a small process that knows nothing else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

LOOK_SECONDS = 1.0
STOP_SECONDS = 15.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0


def supervise(command: Sequence[str], parent: int) -> None:
    """Run `command` again whenever it ends, until the process `parent` is gone or a signal says stop."""
    is_over = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: is_over.set())
    pause = FIRST_PAUSE_SECONDS
    while not _is_over(is_over, parent):
        process = subprocess.Popen(command, start_new_session=True)  # noqa: S603  our own command, no shell
        has_lasted = _watch(process, is_over, parent)
        pause = FIRST_PAUSE_SECONDS if has_lasted else min(2 * pause, LONGEST_PAUSE_SECONDS)
        if not _is_over(is_over, parent):
            is_over.wait(pause)


def _watch(process: subprocess.Popen[bytes], is_over: threading.Event, parent: int) -> bool:
    """Wait until the process ends, or end it; says whether it ran for a while."""
    looks = 0
    while process.poll() is None:
        if _is_over(is_over, parent):
            _stop(process)
            break
        is_over.wait(LOOK_SECONDS)
        looks += 1
    _end_group(process)
    return looks * LOOK_SECONDS > LONGEST_PAUSE_SECONDS


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Nothing that an ended worker started goes on without it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _is_over(is_over: threading.Event, parent: int) -> bool:
    return is_over.is_set() or os.getppid() != parent


def main() -> None:
    parent, processes = sys.argv[1:]
    supervise([sys.executable, "-m", "budget_model", "worker", "--supervised", "--processes", processes], int(parent))


if __name__ == "__main__":
    main()
