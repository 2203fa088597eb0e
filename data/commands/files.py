"""Files on the command line: looked at before a command starts, and refused alike by all of them (exit code 1)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import click

from budget_model.errors import InputError
from data.readers.files import check_file, check_target


class Refusal(click.ClickException):
    """Input that is refused while the arguments are read: its sentence, and exit code 1 as for all input."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Refused: {self.message}", err=True, file=file)


class CheckedPath(click.Path):
    """A path that passes a check."""

    def __init__(self, check: Callable[[Path, bool], None], allows_folder: bool = False):
        super().__init__(path_type=Path)
        self.check, self.allows_folder = check, allows_folder

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        try:
            self.check(path, self.allows_folder)
        except InputError as error:
            raise Refusal(str(error)) from None
        return path


INPUT_FILE = CheckedPath(check_file)
INPUT_FILE_OR_FOLDER = CheckedPath(check_file, allows_folder=True)
OUTPUT_FILE = CheckedPath(check_target)
OUTPUT_FILE_OR_FOLDER = CheckedPath(check_target, allows_folder=True)
