"""Options of the commands that read a portable model and an allocation of it."""

from __future__ import annotations

import click

from data.commands.files import INPUT_FILE

allocation_option = click.option(
    "--allocation",
    "allocation_file",
    metavar="FILE.csv",
    type=INPUT_FILE,
    help="Columns programme,area,amount (and year).",
)
model_years_option = click.option(
    "--years", "n_years", type=int, metavar="N", help="Length of the plan; default: the model's, else 1."
)
