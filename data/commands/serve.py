"""`serve`: the dashboard under gunicorn."""

from __future__ import annotations

import os
import sys

import click

from data.settings import PROJECT


@click.command("serve")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=8050, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", envvar="WEB_CONCURRENCY", default=2, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the dashboard; settings such as DATABASE_URL and SECRET_KEY come from the environment.

    \b
    Example:
      SECRET_KEY=… python -m budget_model serve --port 8050
    """
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # else requests wait for each other
    os.chdir(PROJECT)
    arguments = [sys.executable, "-m", "gunicorn", "--config", str(PROJECT / "script" / "gunicorn.conf.py")]
    arguments += ["--bind", f"{host}:{port}", "--workers", str(workers), "wsgi:server"]
    os.execv(sys.executable, arguments)  # noqa: S606 (arguments are ours, no shell)
