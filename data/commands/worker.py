"""`worker`: does what the pages ask for in the background."""

from __future__ import annotations

import logging
import os
import signal
import sys

import click

from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, progress, refuse_cleanly
from data.jobs.kinds import KINDS
from data.jobs.queue import make_queue
from data.jobs.worker import die_with_parent, drain, work
from data.settings import StoreSettings


@click.command("worker")
@click.option("--processes", envvar="JOB_WORKERS", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--drain", "is_draining", is_flag=True, help="Do everything that waits, then end.")
@click.option("--supervised", is_flag=True, hidden=True, help="End when the process that started it ends.")
@json_option
@refuse_cleanly
def worker(processes: int, is_draining: bool, supervised: bool, as_json: bool) -> None:
    """Do the calculations that pages put into the queue, and deliver digests that are due.

    `serve` starts one by itself; more machines run more.

    \b
    Example (on a second machine, with the same DATABASE_URL, BANK_FOLDER and BROKER_URL):
      python -m budget_model worker --processes 2
    """
    if supervised:
        die_with_parent(signal.SIGTERM)
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "warning").upper(), stream=sys.stderr)
    settings = StoreSettings.from_environment()
    queue = make_queue(settings)
    with opened_store(settings) as store:
        if not is_draining:
            work(store.factory, store.bank_folder, queue, KINDS, processes, settings.digest_folder)
            return
        done = drain(store.factory, store.bank_folder, queue, KINDS)
    if as_json:
        print_json({"done": done})
    else:
        progress(f"{done} calculations were done.")
