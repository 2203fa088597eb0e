"""`serve`: the dashboard under gunicorn, with a worker for background calculations beside it."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from data.free_port import port_problem
from data.settings import PROJECT


@click.command("serve")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=8050, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", envvar="WEB_CONCURRENCY", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--job-workers",
    envvar="JOB_WORKERS",
    default=1,
    show_default=True,
    type=click.IntRange(0, 64),
    help="Processes for background calculations here; 0: other machines run them.",
)
def serve(host: str, port: int, workers: int, job_workers: int) -> None:
    """Serve the dashboard; settings such as DATABASE_URL and SECRET_KEY come from the environment.

    \b
    Example:
      SECRET_KEY=… python -m budget_model serve --port 8050
    """
    problem = port_problem(host, port)
    if problem:
        raise click.ClickException(problem)
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # else requests wait for each other
    os.chdir(PROJECT)
    if job_workers:
        start_worker(job_workers)
    arguments = [sys.executable, "-m", "gunicorn", "--config", str(PROJECT / "script" / "gunicorn.conf.py")]
    arguments += ["--bind", f"{host}:{port}", "--workers", str(workers), "wsgi:server"]
    os.execv(sys.executable, arguments)  # noqa: S606 (arguments are ours, no shell)


def start_worker(processes: int) -> None:
    """A worker that lives as long as this process, which then becomes gunicorn; it is started again when it ends."""
    command = [sys.executable, "-m", "data.jobs.supervisor", str(os.getpid()), str(processes)]
    subprocess.Popen(command)  # noqa: S603  our own command, no shell
