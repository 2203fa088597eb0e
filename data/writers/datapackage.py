"""Tables of a survey round as a Data Package (datapackage.org, version 2): Parquet and CSV with their description.

The Parquet files are exact. In the CSV files a text that a spreadsheet would run as a formula begins with an
apostrophe.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from budget_model.errors import InputError, Problem
from data.writers.tables import defused

DESCRIPTION = "datapackage.json"
SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
FORMULA = r"^[=+\-@\t\r\n]"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same content is the same file
TYPES = {pl.Boolean: "boolean", pl.Date: "date", pl.Datetime: "datetime"}


def package_files(
    description: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], codebook: Mapping[str, Any]
) -> dict[str, bytes]:
    """File name -> content; the description lists every other file with size and SHA-256."""
    files: dict[str, bytes] = {}
    resources = []
    for name, frame in tables.items():
        for kind, write in (("parquet", parquet_bytes), ("csv", csv_table_bytes)):
            file = f"{name}.{kind}"
            files[file] = write(frame)
            resources.append(_resource(name, kind, file, files[file], frame, codebook))
    document = {"$schema": SCHEMA, **description, "resources": resources}
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str, allow_nan=False)
    return {DESCRIPTION: (text + "\n").encode(), **files}


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", statistics=True)
    return stream.getvalue()


def csv_table_bytes(frame: pl.DataFrame) -> bytes:
    """UTF-8; missing answers are empty; numbers with all their digits."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    is_formula = [
        pl.when(pl.col(name).str.contains(FORMULA)).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in texts
    ]
    safe = frame.with_columns(is_formula).rename({name: defused(name) for name in frame.columns})
    return safe.write_csv().encode()


def _resource(
    name: str, kind: str, file: str, content: bytes, frame: pl.DataFrame, codebook: Mapping[str, Any]
) -> dict[str, Any]:
    media = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}[kind]
    key = "person_id" if name == "persons" else "household_id"
    return {
        "name": f"{name}-{kind}",
        "path": file,
        "format": kind,
        "mediatype": media,
        **({"encoding": "utf-8"} if kind == "csv" else {}),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": frame.height,
        "schema": {
            "fields": [_field(column, frame.schema[column], codebook.get(column, {})) for column in frame.columns],
            "primaryKey": [key],
            "missingValues": [""],
        },
    }


def _field(column: str, kind: pl.DataType, entry: Mapping[str, Any]) -> dict[str, Any]:
    """A column: its type, and the question with its codes where there is one."""
    made: dict[str, Any] = {"name": column, "type": _type(kind)}
    texts = entry.get("question") or {}
    if texts:
        made["title"] = next(iter(texts.values()))
        made["question"] = dict(texts)
    if entry.get("asked_if"):
        made["askedIf"] = entry["asked_if"]
    if entry.get("option"):
        made["option"] = entry["option"]
    if entry.get("codes"):
        made["categories"] = [
            {"value": one["code"], "label": next(iter(one["label"].values()), one["code"]), "labels": one["label"]}
            for one in entry["codes"]
        ]
    return made


def _type(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "integer"
    if kind.is_float():
        return "number"
    return next((name for type_, name in TYPES.items() if kind == type_), "string")


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """The files as one ZIP; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return stream.getvalue()


def write_package(files: Mapping[str, bytes], target: Path) -> None:
    """A ZIP where the name ends in `.zip`, else a folder; InputError where something lies there already."""
    if target.exists() and (target.is_file() or any(target.iterdir())):
        message = "Something lies there already. Choose another name."
        raise InputError(Problem("target_exists", message, file=str(target)))
    try:
        if target.suffix.lower() == ".zip":
            target.write_bytes(zip_bytes(files))
            return
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (target / name).write_bytes(content)
    except OSError as error:
        message = f"The package cannot be written ({error.strerror}). Check the folder."
        raise InputError(Problem("unwritable", message, file=str(target))) from None
