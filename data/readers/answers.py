"""Raw tables of survey answers: CSV, Parquet, SPSS and Stata as they lie, with the file they came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from budget_model.errors import InputError, Problem

DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class RawFile:
    """A raw table; row i of `frame` stands on line i + 2 of a CSV without line breaks in its cells."""

    path: Path
    frame: pl.DataFrame

    @property
    def name(self) -> str:
        return self.path.name


def read_raw(path: Path) -> RawFile:
    """Read the table at `path` by its ending; raises InputError if it is absent, unreadable or of another kind."""
    path = Path(path)
    if not path.is_file():
        raise InputError(Problem("file_absent", "There is no such file. Check the path.", file=str(path)))
    readers = {".csv": _read_csv, ".txt": _read_csv, ".tsv": _read_csv, ".parquet": pl.read_parquet}
    readers |= {".sav": _read_labelled, ".zsav": _read_labelled, ".dta": _read_labelled}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        message = f"Files of the kind '{path.suffix}' are not read. Give .csv, .parquet, .sav or .dta."
        raise InputError(Problem("file_kind", message, file=path.name))
    if path.stat().st_size == 0:
        raise InputError(Problem("file_empty", "The file is empty. Check that the export is complete.", file=path.name))
    try:
        return RawFile(path, reader(path))
    except (pl.exceptions.PolarsError, ValueError) as error:
        message = f"The file cannot be read as a table ({str(error).splitlines()[0]}). Export it again."
        raise InputError(Problem("file_broken", message, file=path.name)) from None


def _read_csv(path: Path) -> pl.DataFrame:
    """UTF-8 text with one header line; a blank cell is missing, every other text is kept as it is."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = "The file is not UTF-8 text. Save it as CSV UTF-8."
        raise InputError(Problem("encoding", message, file=path.name, line=line)) from None
    header = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    return pl.read_csv(text.encode(), separator=delimiter, infer_schema_length=None, null_values=[""])


def _read_labelled(path: Path) -> pl.DataFrame:
    """SPSS and Stata: codes, not labels; numbers that are whole throughout become whole numbers."""
    import pyreadstat

    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    frame, _ = read(str(path))
    return pl.from_pandas(frame, nan_to_null=True)
