"""Survey files with one row a person or household: CSV, Parquet, SPSS `.sav`, Stata `.dta` → an Ibis table.

Answers keep the codes of the file. Read as missing: an empty or blank cell and `NA` in a CSV file, NaN, and the
missing values that an SPSS or Stata file declares.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import polars as pl
import pyarrow.parquet
import pyreadstat

from budget_model.errors import InputError, Problem
from data.readers.encodings import LATIN, decoder_of
from data.readers.files import check_file
from data.readers.spark import spark_connection, spark_table

MISSING_TEXTS = ["", " ", "  ", "NA"]
DELIMITERS = ",;\t|"
TEXTS = (".csv", ".txt", ".tsv")
ENCODINGS = ("utf-8-sig", LATIN)  # tried in this order


def read_microdata(path: Path, engine: str = "polars", say: Callable[[str], None] | None = None) -> Any:
    """Open a survey file as a table of an engine; Parquet is streamed, the other formats are loaded.

    Parameters
    ----------
    path : a file ending in .csv, .txt, .tsv, .parquet, .sav, .zsav or .dta, or a folder of Parquet files that are parts
        of one table (for Spark a place that all its machines see).
    engine : `polars`, `duckdb` or `spark` (see `spark.spark_connection`).
    say : gets a sentence where the reading is a judgement (an encoding that had to be guessed).

    Raises
    ------
    InputError : no such file, an unknown format, a broken file, a header with an empty or repeated name, a row with
        more or fewer cells than the header, a file without rows.
    """
    check_file(path, allows_folder=True)
    suffix = path.suffix.lower()
    readers = {".parquet": None, ".sav": _read_spss, ".zsav": _read_spss, ".dta": _read_stata}
    if path.is_dir():
        return _scan_folder(path, engine)
    if suffix == ".parquet":
        return _scan_parquet(path, engine)
    if suffix in TEXTS:
        frame = _read_csv(path, say or (lambda sentence: None))
    elif readers.get(suffix):
        frame = readers[suffix](path)
    else:
        raise _refusal(path, f"the format '{suffix}' is not read. Use CSV, Parquet, SPSS (.sav) or Stata (.dta).")
    if frame.height == 0:
        raise _refusal(path, "the file has a header but no rows.")
    return _table(frame, engine)


def _refusal(path: Path, message: str, line: int | None = None, column: str | None = None) -> InputError:
    return InputError(Problem("microdata", message, file=path.name, line=line, column=column))


def _table(frame: pl.DataFrame, engine: str) -> Any:
    if engine == "spark":
        return spark_table(frame)
    if engine == "duckdb":
        connection = ibis.duckdb.connect()
        connection.con.register("answers", frame.to_arrow())  # Ibis 12's create_table fails with this sqlglot
        table = connection.table("answers")
        empty = [name for name, kind in frame.schema.items() if kind == pl.Null]  # whole numbers to DuckDB
        return table.mutate(**{name: ibis.null() for name in empty}) if empty else table
    return ibis.polars.connect().create_table("answers", frame)


def _scan_parquet(path: Path, engine: str) -> Any:
    try:
        pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refusal(path, f"this is not a readable Parquet file ({error}). Export it again.") from error
    return _connection(engine).read_parquet(path)


def _scan_folder(folder: Path, engine: str) -> Any:
    """Parquet files that together are one table, in the order of their names."""
    parts = sorted(folder.glob("*.parquet"))
    if not parts:
        raise _refusal(folder, "the folder holds no Parquet files (*.parquet). Check the path.")
    first = pl.read_parquet_schema(parts[0])
    for part in parts:
        try:
            same = pl.read_parquet_schema(part) == first
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _refusal(part, f"this is not a readable Parquet file ({error}). Export it again.") from error
        if not same:
            raise _refusal(part, f"its columns are not those of {parts[0].name}. Parts of one table must be alike.")
    return _connection(engine).read_parquet(folder if engine == "spark" else str(folder / "*.parquet"))


def columns_without_gaps(path: Path) -> frozenset[str] | None:
    """Columns of a Parquet file or folder that hold an answer in every row, as its statistics say; None: other files.

    Decimal columns are left out: their statistics do not count NaN, which is a missing answer too.
    """
    parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not all(part.suffix.lower() == ".parquet" for part in parts) or not parts:
        return None
    found = [_without_gaps(pyarrow.parquet.ParquetFile(part).metadata) for part in parts]
    return frozenset.intersection(*found)


def _without_gaps(metadata: Any) -> frozenset[str]:
    columns = []
    for index in range(metadata.num_columns):
        column = metadata.schema.column(index)
        if column.physical_type in ("FLOAT", "DOUBLE") or column.max_repetition_level:
            continue
        groups = (metadata.row_group(group).column(index).statistics for group in range(metadata.num_row_groups))
        if all(group is not None and group.has_null_count and group.null_count == 0 for group in groups):
            columns.append(column.path)
    return frozenset(columns)


def _connection(engine: str) -> Any:
    if engine == "spark":
        return spark_connection()
    return ibis.duckdb.connect() if engine == "duckdb" else ibis.polars.connect()


# --- SPSS and Stata --------------------------------------------------------------------------------------------------


def _read_spss(path: Path) -> pl.DataFrame:
    return _read_labelled(path, pyreadstat.read_sav)


def _read_stata(path: Path) -> pl.DataFrame:
    return _read_labelled(path, pyreadstat.read_dta)


def _read_labelled(path: Path, reader: Callable[..., Any]) -> pl.DataFrame:
    try:
        frame, _ = reader(str(path), output_format="polars")
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise _refusal(path, f"the file cannot be read ({error}). Export it again, or as CSV.") from error
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    blank = [pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)).alias(name) for name in texts]
    return frame.with_columns(blank) if blank else frame


def labels_of(path: Path) -> dict[str, dict[str, Any]]:
    """Question texts and codes of an SPSS or Stata file, by column, as a round keeps them; empty for other formats.

    `codes` are text as areas and mappings have them: 1, not 1.0. Labels have no language, so they stand as `default`.
    """
    readers = {".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".dta": pyreadstat.read_dta}
    reader = readers.get(path.suffix.lower())
    if reader is None or not path.is_file():
        return {}
    _, about = reader(str(path), metadataonly=True)
    found: dict[str, dict[str, Any]] = {}
    for column, text in about.column_names_to_labels.items():
        codes = about.variable_value_labels.get(column, {})
        if not text and not codes:
            continue
        entry: dict[str, Any] = {"kind": "select_one" if codes else "text"}
        entry["question"] = {"default": text} if text else {}
        if codes:
            told = [(_code_text(code), str(label)) for code, label in codes.items()]
            entry["codes"] = [{"code": code, "label": {"default": label}} for code, label in told]
        found[column] = entry
    return found


def _code_text(code: Any) -> str:
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)


def placed(problem: Problem, path: Path) -> Problem:
    """A problem of the answers with its file, and for CSV the line of the first row that it names.

    One that has its place in another file already (a condition in the catalogue) tells the line in its sentence.
    """
    rows = problem.facts.get("rows")
    line = _line_of_row(path, rows[0]) if rows and path.suffix.lower() in TEXTS else None
    if problem.file is None:
        return replace(problem, file=path.name, line=line)
    if line is None:
        return problem
    return replace(problem, message=f"{problem.message} That row is line {line:,} of {path.name}.")


def _line_of_row(path: Path, row: int) -> int | None:
    """Where the row of answers begins: blank lines are no rows, and a cell may hold line breaks."""
    encoding = next(encoding for encoding in ENCODINGS if _fits(path, encoding))
    delimiter, _ = _header(path, encoding)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        next(reader)
        begins, number = reader.line_num + 1, 0
        for cells in reader:
            number += not all(cell in MISSING_TEXTS for cell in cells)
            if number == row:
                return begins
            begins = reader.line_num + 1
    return None


# --- CSV -------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path, say: Callable[[str], None]) -> pl.DataFrame:
    encoding = _encoding(path, say)
    delimiter, header = _header(path, encoding)
    try:
        frame = pl.read_csv(
            path if encoding == ENCODINGS[0] else path.read_bytes().decode(encoding).encode(),
            separator=delimiter,
            null_values=MISSING_TEXTS,
            infer_schema_length=None,
            schema_overrides=dict.fromkeys(_codes_with_zeros(path, encoding, delimiter), pl.String),
            new_columns=header,
        )
    except pl.exceptions.NoDataError:
        raise _refusal(path, "the file has a header but no rows.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        _refuse_ragged_rows(path, encoding, delimiter)
        # the library's own words may quote the answers of people, so they stay out of the message
        message = "the file cannot be read as CSV. Check quotes and line ends, or export it again."
        raise _refusal(path, message, _first_odd_quote(path, encoding)) from error
    if frame[header[-1]].null_count():  # Polars fills a short row up in silence
        _refuse_ragged_rows(path, encoding, delimiter)
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))  # an empty line is nobody
    # a column without any answer is of no kind yet, and digits beyond 64 bits are a code
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    empty = [name for name in texts if frame[name].null_count() == frame.height]
    codes = [name for name, kind in frame.schema.items() if kind == pl.Int128]
    return frame.with_columns(pl.col(empty).cast(pl.Null), pl.col(codes).cast(pl.String))


def _first_odd_quote(path: Path, encoding: str) -> int | None:
    """The first line with an odd number of quotation marks: most often where a stray one stands."""
    with path.open(encoding=encoding, newline="") as file:
        return next((number for number, line in enumerate(file, start=1) if line.count('"') % 2), None)


def _codes_with_zeros(path: Path, encoding: str, delimiter: str) -> list[str]:
    """Columns with a number that starts with a zero, such as the ubigeo 010101: they are codes and stay text."""
    source = path if encoding == ENCODINGS[0] else path.read_bytes().decode(encoding).encode()
    texts = pl.scan_csv(source, separator=delimiter, infer_schema=False)
    found = texts.select(pl.all().str.contains(r"^\s*0\d+$").any()).collect(engine="streaming")
    return [name for name in found.columns if found[name][0]]


def _encoding(path: Path, say: Callable[[str], None]) -> str:
    """The first encoding that fits the whole file; it is said aloud when that is not UTF-8."""
    utf8, latin = ENCODINGS
    if _fits(path, utf8):
        return utf8
    decoder = decoder_of(path)  # refuses a file that mixes both
    if not _fits(path, latin):
        raise _refusal(path, "the text is neither UTF-8 nor Windows-1252. Save it as UTF-8.")
    dos = " It looks like the DOS encoding cp850: if so, save it as UTF-8." if decoder.looks_like_dos else ""
    say(f"{path.name} is not UTF-8; read as Windows-1252 (Latin-1). Check accented letters in the answers.{dos}")
    return latin


def _fits(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            for part in iter(lambda: file.read(1 << 22), ""):
                if "\0" in part:
                    raise _refusal(
                        path, "the file holds zero bytes: it is in UTF-16, or no text at all. Save it as CSV in UTF-8."
                    )
    except UnicodeDecodeError:
        return False
    return True


def _header(path: Path, encoding: str) -> tuple[str, list[str]]:
    """Delimiter (the commonest of , ; tab | in the first line) and column names."""
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        file.seek(0)
        header = [name.strip() for name in next(csv.reader(file, delimiter=delimiter), [])]
    if not any(header):
        raise _refusal(path, "the file is empty.")
    repeated = [name for name, times in Counter(header).items() if times > 1]
    if repeated:
        names = ", ".join(f"'{name}'" for name in repeated if name) or "a blank"
        message = f"the header has {names} more than once. Give each column its own name; is the header missing?"
        raise _refusal(path, message, line=1)
    if "" in header:
        message = f"the column {header.index('') + 1:,} of the header has no name. Give it one."
        raise _refusal(path, message, line=1)
    return delimiter, header


def _refuse_ragged_rows(path: Path, encoding: str, delimiter: str) -> None:
    """Raise, naming the lines, where rows have more or fewer cells than the header."""
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        width = len(next(rows))
        ragged = ((rows.line_num, len(row)) for row in rows if len(row) not in (0, width))
        first = list(itertools.islice(ragged, 20))
    if first:
        raise InputError(
            Problem(
                "microdata.ragged",
                f"the row has {cells} cells, the header {width}. Look for a missing or a stray '{delimiter}' or quote.",
                file=path.name,
                line=line,
                facts={"cells": cells, "expected": width},
            )
            for line, cells in first
        )
