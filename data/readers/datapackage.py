"""A Data Package of a survey round, from a folder or a ZIP; every file is held against its SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from budget_model.errors import InputError, Problem
from budget_model.schema_words import findings, sentence_of

DESCRIPTION = "datapackage.json"
TABLES = ("persons", "households")
LARGEST = 4 * 2**30  # bytes of all files once unpacked
FORMAT = 1


class _Part(BaseModel):
    """A part of the description; what other programs add is passed over."""

    model_config = ConfigDict(frozen=True)


class PackageArea(_Part):
    code: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1)
    level: int = Field(ge=1, le=9)
    parent: str | None = None


class PackageDesign(_Part):
    census: bool
    weight: str | None = None
    strata: str | None = None
    psu: str | None = None
    fpc: str | None = None


class PackageRound(_Part):
    """The own part of the description (`cbms`)."""

    format: int
    site: str
    round: str
    state: str
    synthetic: bool
    exact: bool
    coverage_area: str
    coverage_rate: float | None = Field(default=None, gt=0, le=1)
    starts_on: date | None = None
    ends_on: date | None = None
    source: str = ""
    design: PackageDesign
    area_columns: tuple[str, ...] = ()
    age_starts: tuple[int, ...] = ()
    areas: tuple[PackageArea, ...] = ()
    derive: dict[str, Any] = Field(default_factory=dict)
    questions: dict[str, Any] = Field(default_factory=dict)
    protection: dict[str, Any] | None = None


@dataclass(frozen=True)
class RoundPackage:
    """A package that was read and found whole."""

    file: str
    sha256: str  # of the description, which holds those of the files
    about: PackageRound
    persons: pl.DataFrame
    households: pl.DataFrame


def read_package(path: Path) -> RoundPackage:
    """Read a package. Raises InputError with every problem: no package, files missing, changed or too large."""
    files = _Files.open(Path(path))
    text = files.read(DESCRIPTION)
    document = _description(text, files.name)
    about = _about(document, files.name)
    hashes = _hashes(document, files.name)
    problems: list[Problem] = []
    frames = {name: _table(files, f"{name}.parquet", hashes, problems) for name in TABLES}
    if problems:
        raise InputError(problems)
    return RoundPackage(files.name, hashlib.sha256(text).hexdigest(), about, frames["persons"], frames["households"])


@dataclass(frozen=True)
class _Files:
    """Files of a folder or of a ZIP, by name; nothing outside either is ever read."""

    name: str
    folder: Path | None
    archive: zipfile.ZipFile | None

    @classmethod
    def open(cls, path: Path) -> _Files:
        if path.is_dir():
            return cls(path.name, path, None)
        try:
            archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile):
            message = "This is no package: neither a folder nor a ZIP file, or it is cut off. Get it again."
            raise InputError(Problem("package_broken", message, file=path.name)) from None
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            message = f"The package is larger than {LARGEST // 2**30} GB once unpacked."
            raise InputError(Problem("package_large", message, file=path.name))
        return cls(path.name, None, archive)

    def read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes() if self.folder else self._unpacked(name)
        except (OSError, KeyError, zipfile.BadZipFile, EOFError):
            message = f"The package has no readable file '{name}'. Get it again."
            raise InputError(Problem("package_file", message, file=self.name, value=name)) from None

    def _unpacked(self, name: str) -> bytes:
        assert self.archive is not None
        return self.archive.read(name)


def _description(text: bytes, file: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, UnicodeDecodeError) as broken:
        message = f"'{DESCRIPTION}' is no JSON ({broken}). Get the package again."
        raise InputError(Problem("package_broken", message, file=file)) from None
    if not isinstance(document, dict) or not isinstance(document.get("cbms"), dict):
        message = f"'{DESCRIPTION}' has no part 'cbms': this package was not made by a data bank of this kind."
        raise InputError(Problem("package_foreign", message, file=file))
    return document


def _about(document: Mapping[str, Any], file: str) -> PackageRound:
    if document["cbms"].get("format") != FORMAT:
        message = f"The package has format {document['cbms'].get('format')!r}; this version reads format {FORMAT}."
        raise InputError(Problem("package_format", message, file=file))
    try:
        return PackageRound.model_validate(document["cbms"])
    except ValidationError as refused:
        problems = [
            Problem("package_key", f"cbms/{'/'.join(map(str, wrong.path))}: {sentence_of(wrong)}.", file=file)
            for wrong in findings(refused.errors(include_url=False), document["cbms"])
        ]
        raise InputError(problems) from None


def _hashes(document: Mapping[str, Any], file: str) -> dict[str, str]:
    try:
        return {str(one["path"]): str(one["hash"]) for one in document["resources"]}
    except (KeyError, TypeError):
        message = f"'{DESCRIPTION}' lists its files without path and hash. Get the package again."
        raise InputError(Problem("package_broken", message, file=file)) from None


def _table(files: _Files, name: str, hashes: Mapping[str, str], problems: list[Problem]) -> pl.DataFrame:
    try:
        content = files.read(name)
        found = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if found != hashes.get(name):
            message = f"'{name}' is not the file that the description speaks of: it was changed. Get the package again."
            raise InputError(Problem("package_changed", message, file=files.name, value=name))
        return pl.read_parquet(io.BytesIO(content))
    except InputError as refused:
        problems.extend(refused.problems)
    except pl.exceptions.PolarsError as broken:
        message = f"'{name}' is no readable Parquet file ({broken}). Get the package again."
        problems.append(Problem("package_file", message, file=files.name, value=name))
    return pl.DataFrame()
