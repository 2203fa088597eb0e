"""The command line: `python -m budget_model COMMAND`.

The commands live in `data/commands/`, one subject a file, and are imported only when they are called, so that
`--help` stays quick. This is the one file of the package that may look into `data`.
"""

from __future__ import annotations

import importlib
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads of the linear algebra library slow small problems down

import click

COMMANDS = {
    # name on the command line: (module below data.commands, attribute)
    "area": ("area", "area"),
    "bank": ("bank", "bank"),
    "budget": ("budget", "budget"),
    "demo": ("demo", "demo"),
    "digest": ("digest", "digest"),
    "estimate": ("estimate", "estimate"),
    "explain": ("explain", "explain"),
    "focus": ("focus", "focus"),
    "form": ("form", "form"),
    "incidence": ("incidence", "incidence"),
    "indicators": ("indicators", "indicators"),
    "optimise": ("optimise", "optimise"),
    "model": ("model", "model"),
    "process": ("process", "process"),
    "programmes": ("programmes", "programmes"),
    "proposals": ("proposals", "proposals"),
    "scenario": ("scenario", "scenario"),
    "serve": ("serve", "serve"),
    "simulate": ("simulate", "simulate"),
    "site": ("site", "site"),
    "survey": ("survey", "survey"),
    "user": ("user", "user"),
    "verify": ("verify", "verify"),
    "votes": ("votes", "votes"),
    "worker": ("worker", "worker"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"data.commands.{module}"), attribute)
        return command


@click.command(cls=LazyGroup)
def main() -> None:
    """Community-based monitoring for gender-responsive budgeting: the command line."""


if __name__ == "__main__":
    main(prog_name="python -m budget_model")
