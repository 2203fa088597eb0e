"""Fiscal Data Packages: a descriptor (`datapackage.json`) that says what the columns of its CSV mean.

Both styles are read: the descriptor's `model`, and the older `mapping`. The phase of a measure is its stage: *approved*
is `pia`, *adjusted* is `pim`, *executed* is `accrued`; *proposed* is not read. A measure without a phase in a
transactional package is executed. Each measure is multiplied by its own `factor`, as the descriptor says.

A line is named by the primary keys of all dimensions but those of time; rows of one line are added up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath
from typing import Any

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import BudgetLines, check_frame, odd_lines
from data.readers.amounts import NumberFormat
from data.readers.fdp_shape import wrong_shape
from data.readers.files import read_text
from data.readers.line_rows import LineSpec, Tally, read_rows
from data.readers.tabular import OpenOptions, missing_column, open_table

DESCRIPTOR = "datapackage.json"
STAGE_OF_PHASE = {"approved": "pia", "adjusted": "pim", "executed": "accrued"}
UNREAD_PHASES = ("proposed",)
TIME = "datetime"
LABEL_OF_CLASSIFICATION = {"functional": "function", "economic": "economic", "administrative": "entity"}


@dataclass(frozen=True)
class Measure:
    """A column of amounts."""

    name: str
    column: str
    stage: str
    factor: Decimal
    currency: str | None


@dataclass
class Descriptor:
    """The parsed descriptor, and where it lies."""

    path: Path
    content: Mapping[str, Any]
    warnings: list[Problem]

    def refuse(self, rule: str, message: str, value: str | None = None) -> InputError:
        """An error about this file."""
        return InputError(Problem(rule, message, file=self.path.name, value=value))

    def warn(self, rule: str, message: str) -> None:
        """Keep a warning about this file."""
        self.warnings.append(Problem(rule, message, "warning", file=self.path.name))

    @property
    def model(self) -> Mapping[str, Any]:
        """Measures and dimensions, in either style."""
        found = self.content.get("model") or self.content.get("mapping")
        if not isinstance(found, dict) or not found.get("measures") or not found.get("dimensions"):
            message = "The descriptor has no 'model' (or older 'mapping') with measures and dimensions. Add them."
            raise self.refuse("descriptor_model", message)
        return found


def read_fdp(path: Path) -> BudgetLines:
    """Budget lines of a package.

    path : the descriptor, or the folder that holds it
    Raises InputError where the descriptor or its CSV cannot be read.
    """
    descriptor = _read_descriptor(path / DESCRIPTOR if path.is_dir() else path)
    resource = _resource(descriptor)
    measures = list(_measures(descriptor))
    table = open_table(_resource_path(descriptor, resource), None, _options(resource))
    columns = {name: _column(name, table.columns) for name in _sources(descriptor)}
    spec = LineSpec(
        year=_year(descriptor, columns),
        line=[columns[name] for name in _line_sources(descriptor)],
        stages={measure.stage: _column(measure.column, table.columns) for measure in measures},
        labels={label: columns[name] for label, name in _labels(descriptor)},
        form=_number_format(resource, measures),
        factors={measure.stage: measure.factor for measure in measures},
        sums_repeated=True,
    )
    missing = [missing_column(table, name) for name in spec.columns() if name not in table.columns]
    if missing:
        raise InputError(missing)
    rows = read_rows(table, spec, tally := Tally())
    _warn_of_sums(descriptor, rows["rows"].sum() - rows.height)
    frame = check_frame(rows)
    problems = (*descriptor.warnings, *table.notes, *odd_lines(frame, table.file))
    return BudgetLines(frame, _currency(descriptor, measures), "fdp", problems, tally.read, tally.kept)


def _warn_of_sums(descriptor: Descriptor, repeated: int) -> None:
    if repeated:
        message = f"{repeated:,} rows repeat the key of an earlier row; they were added to its line."
        descriptor.warn("rows_summed", message)


def _read_descriptor(path: Path) -> Descriptor:
    if path.parent.is_dir() and not path.is_file():
        message = f"There is no descriptor '{path.name}' there. Name the {DESCRIPTOR} of the package."
        raise InputError(Problem("file_missing", message, file=str(path)))
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as broken:
        message = f"This is not valid JSON ({broken.msg}, column {broken.colno}). Correct it here."
        raise InputError(Problem("descriptor_json", message, file=path.name, line=broken.lineno)) from None
    except RecursionError:
        message = "The descriptor is nested too deeply. It is no data package."
        raise InputError(Problem("descriptor_json", message, file=path.name)) from None
    descriptor = Descriptor(path, content if isinstance(content, dict) else {}, [])
    wrong = wrong_shape(descriptor.content)
    if wrong:
        raise descriptor.refuse("descriptor_shape", wrong)
    if not isinstance(descriptor.content.get("resources"), list) or not descriptor.content["resources"]:
        raise descriptor.refuse("descriptor_resources", "The descriptor lists no 'resources'. It is no data package.")
    return descriptor


def _resource(descriptor: Descriptor) -> Mapping[str, Any]:
    resources = descriptor.content["resources"]
    named = {measure.get("resource") for measure in descriptor.model["measures"].values() if isinstance(measure, dict)}
    named.discard(None)
    if len(named) > 1:
        raise descriptor.refuse("descriptor_resources", "The measures stand in several files; one file can be read.")
    chosen: Mapping[str, Any] = next((item for item in resources if item.get("name") in named), resources[0])
    return chosen


def _resource_path(descriptor: Descriptor, resource: Mapping[str, Any]) -> Path:
    """The CSV beside the descriptor; never outside of its folder."""
    stated = resource.get("path")
    stated = stated[0] if isinstance(stated, list) and len(stated) == 1 else stated
    if not isinstance(stated, str) or "://" in stated:
        message = "The resource must have a 'path' to one CSV file in the package's folder."
        raise descriptor.refuse("descriptor_path", message, str(stated))
    pure = PurePosixPath(stated)
    if pure.is_absolute() or ".." in pure.parts:
        raise descriptor.refuse("descriptor_path", f"The path '{stated}' leads out of the package's folder.", stated)
    return descriptor.path.parent / pure


def _options(resource: Mapping[str, Any]) -> OpenOptions:
    dialect = resource.get("dialect") or {}
    return OpenOptions(resource.get("encoding"), dialect.get("delimiter"))


def _number_format(resource: Mapping[str, Any], measures: list[Measure]) -> NumberFormat:
    fields = {item.get("name"): item for item in (resource.get("schema") or {}).get("fields", [])}
    first = fields.get(measures[0].column, {})
    return NumberFormat(
        first.get("decimalChar", "."),
        first.get("groupChar", ""),
        mendable="state that in the descriptor's field, or write the file anew",
    )


def _measures(descriptor: Descriptor) -> Iterator[Measure]:
    entries = descriptor.model["measures"].items()
    found = [measure for name, entry in entries for measure in _measure(descriptor, name, entry)]
    stages = [measure.stage for measure in found]
    if not found or len(set(stages)) < len(stages):
        message = (
            f"The measures give the stages {', '.join(stages) or 'none'}; each stage must come once. Correct their "
            "'phase', or use --source table with a mapping."
        )
        raise descriptor.refuse("descriptor_phases", message)
    if len({measure.factor for measure in found}) > 1:
        factors = ", ".join(f"{measure.name} × {measure.factor}" for measure in found)
        descriptor.warn(
            "factors_differ", f"The measures have different factors ({factors}), used as the descriptor says."
        )
    return iter(found)


def _measure(descriptor: Descriptor, name: str, entry: Mapping[str, Any]) -> Iterator[Measure]:
    """The measure, if it is one of expenditure in a phase that is read."""
    phase = _phase(descriptor, name, entry)
    if entry.get("direction", "expenditure") != "expenditure" or phase in UNREAD_PHASES:
        descriptor.warn("measure_unread", f"The measure '{name}' is not expenditure that is read here; it is left out.")
        return
    if phase not in STAGE_OF_PHASE:
        message = f"The measure '{name}' has the phase '{phase}'. Known: {', '.join(STAGE_OF_PHASE)}. Correct it."
        raise descriptor.refuse("descriptor_phase", message, str(phase))
    try:
        factor = Decimal(str(entry.get("factor", 1)))
    except InvalidOperation:
        raise descriptor.refuse("descriptor_factor", f"The factor of '{name}' is no number.") from None
    if not factor.is_finite() or factor <= 0:
        raise descriptor.refuse("descriptor_factor", f"The factor of '{name}' is {factor}; it must be above 0.")
    yield Measure(name, entry.get("source", name), STAGE_OF_PHASE[phase], factor, entry.get("currency"))


def _phase(descriptor: Descriptor, name: str, entry: Mapping[str, Any]) -> str:
    stated = entry.get("phase")
    if stated:
        return str(stated)
    granularity = descriptor.content.get("granularity", "aggregated")
    phase = "executed" if granularity == "transactional" else "approved"
    message = (
        f"The measure '{name}' states no phase; in a package of granularity '{granularity}' it is read as {phase}."
    )
    descriptor.warn("phase_missing", message)
    return phase


def _currency(descriptor: Descriptor, measures: list[Measure]) -> str | None:
    currencies = {measure.currency for measure in measures}
    if len(currencies) > 1:
        message = f"The measures have several currencies ({', '.join(map(str, sorted(currencies, key=str)))}). Use one."
        raise descriptor.refuse("descriptor_currency", message)
    return currencies.pop()


def _dimensions(descriptor: Descriptor, of_time: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, dimension in descriptor.model["dimensions"].items():
        if (dimension.get("dimensionType") == TIME) == of_time:
            yield name, dimension


def _attributes(dimension: Mapping[str, Any]) -> dict[str, str]:
    """Attribute to column, of those that stand in a column."""
    attributes = dimension.get("attributes") or {}
    return {name: entry["source"] for name, entry in attributes.items() if isinstance(entry.get("source"), str)}


def _primary_key(dimension: Mapping[str, Any]) -> list[str]:
    """Columns of the primary key; of all attributes where none is stated."""
    attributes = _attributes(dimension)
    key = dimension.get("primaryKey") or list(attributes)
    return [attributes[name] for name in ([key] if isinstance(key, str) else key) if name in attributes]


def _sources(descriptor: Descriptor) -> list[str]:
    """Every column that a dimension names."""
    dimensions = [*_dimensions(descriptor, True), *_dimensions(descriptor, False)]
    return list(dict.fromkeys(column for _, dimension in dimensions for column in _attributes(dimension).values()))


def _line_sources(descriptor: Descriptor) -> list[str]:
    found = [column for _, dimension in _dimensions(descriptor, False) for column in _primary_key(dimension)]
    if not found:
        raise descriptor.refuse("descriptor_dimensions", "No dimension but time has a column: lines cannot be named.")
    return list(dict.fromkeys(found))


def _labels(descriptor: Descriptor) -> Iterator[tuple[str, str]]:
    """Label and column: the text of the finest level of each dimension."""
    for name, dimension in _dimensions(descriptor, False):
        attributes = dimension.get("attributes") or {}
        texts = [entry["source"] for entry in attributes.values() if entry.get("labelfor") and "source" in entry]
        columns = texts or _primary_key(dimension)
        if columns:
            yield LABEL_OF_CLASSIFICATION.get(str(dimension.get("classificationType")), name), columns[-1]


def _year(descriptor: Descriptor, columns: Mapping[str, str]) -> int | str:
    """The column of time (the one of execution, where there are several), or the year of the fiscal period."""
    times = [(name, key[0]) for name, dimension in _dimensions(descriptor, True) if (key := _primary_key(dimension))]
    if times:
        name, column = next((item for item in times if "execut" in item[0].lower()), times[0])
        if len(times) > 1:
            descriptor.warn("several_dates", f"The package has several dates; the year is that of '{name}'.")
        return columns[column]
    start = str((descriptor.content.get("fiscalPeriod") or {}).get("start", ""))
    if start[:4].isdigit():
        return int(start[:4])
    message = "No dimension of time and no 'fiscalPeriod' says which year the amounts are of. Add one."
    raise descriptor.refuse("descriptor_year", message)


def _column(source: str, columns: tuple[str, ...]) -> str:
    """The column of a source, which older packages write as `resource/column`."""
    return source if source in columns or "/" not in source else source.split("/", 1)[1]
