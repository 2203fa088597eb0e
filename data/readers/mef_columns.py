"""Which column of the ministry's file is which, whatever the variant calls it. Knows names only, no rows.

Variants: the open-data file by month (`MES_EJE`, `MONTO_DEVENGADO` ...), the annual one with a column a month
(`MONTO_DEVENGADO_ANUAL`, `MONTO_DEVENGADO_ENERO` ... with SETIEMBRE or SEPTIEMBRE), and the export of the SIAF desk
program (`mto_pim`, `mto_devenga_01` ...). Case, accents and blanks in names do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from budget_model.errors import Problem
from budget_model.spelling import nearest
from budget_model.spending.lines import STAGES
from data.readers.line_scan import Mark
from data.readers.tabular import TextTable, plain_name

SEPTEMBER = "SETIEMBRE|SEPTIEMBRE"  # both spellings are in use
MONTHS = (
    *("ENERO", "FEBRERO", "MARZO", "ABRIL", "MAYO", "JUNIO", "JULIO", "AGOSTO"),
    *(SEPTEMBER, "OCTUBRE", "NOVIEMBRE", "DICIEMBRE"),
)
YEAR = ("ANO_EJE", "ANIO_EJE", "ANO", "ANIO")
MONTH = ("MES_EJE",)
LINE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("SEC_EJEC",),
    "target": ("SEC_FUNC", "META"),
    "source": ("FUENTE_FINANCIAMIENTO", "FUENTE_FINANC"),
    "fund": ("RUBRO",),
    "transaction": ("TIPO_TRANSACCION",),
    "generic": ("GENERICA", "GENERICA_COD"),
}
NEEDED = ("target",)
AMOUNTS: Mapping[str, tuple[str, ...]] = {  # the first that is there is taken
    "pia": ("MONTO_PIA", "MONTO_PIA_ANUAL", "MTO_PIA"),
    "pim": ("MONTO_PIM", "MONTO_PIM_ANUAL", "MTO_PIM"),
    "certified": ("MONTO_CERTIFICADO", "MONTO_CERTIFICADO_ANUAL", "MTO_CERTIFICADO"),
    "committed": (
        "MONTO_COMPROMETIDO_ANUAL",
        "MTO_COMPRO_ANUAL",
        "MTO_COMPROMETIDO_ANUAL",
        "MONTO_COMPROMETIDO",
        "MTO_COMPROMETIDO",
    ),
    "accrued": ("MONTO_DEVENGADO", "MONTO_DEVENGADO_ANUAL", "MTO_DEVENGADO", "MTO_DEVENGA"),
    "paid": ("MONTO_GIRADO", "MONTO_GIRADO_ANUAL", "MTO_GIRADO"),
}
MONTHLY: Mapping[str, tuple[str, ...]] = {  # summed where no column of the year is there
    "committed": ("MONTO_COMPROMETIDO_", "MTO_COMPA_", "MTO_AT_COMP_"),
    "accrued": ("MONTO_DEVENGADO_", "MTO_DEVENGA_", "MTO_DEVENGADO_"),
    "paid": ("MONTO_GIRADO_", "MTO_GIRADO_"),
}
LABELS: dict[str, tuple[str, ...]] = {
    "entity": ("EJECUTORA_NOMBRE", "PLIEGO_NOMBRE", "EJECUTORA", "PLIEGO"),
    "entity_code": ("SEC_EJEC",),
    "function": ("FUNCION_NOMBRE", "FUNCION"),
    "function_code": ("FUNCION",),
    "division": ("DIVISION_FUNCIONAL_NOMBRE", "DIVISION_FUNCIONAL", "DIVISION_FN"),
    "group": ("GRUPO_FUNCIONAL_NOMBRE", "GRUPO_FUNCIONAL", "GRUPO_FN"),
    "programme": ("PROGRAMA_PPTO_NOMBRE", "PROGRAMA_PPTO", "PROGRAMA_PPTAL"),
    "programme_code": ("PROGRAMA_PPTO", "PROGRAMA_PPTAL"),
    "product": ("PRODUCTO_PROYECTO_NOMBRE", "PRODUCTO_PROYECTO"),
    "product_code": ("PRODUCTO_PROYECTO",),
    "activity": ("ACTIVIDAD_ACCION_OBRA_NOMBRE", "ACTIVIDAD_ACCION_OBRA", "ACTIV_OBRA_ACCINV"),
    "activity_code": ("ACTIVIDAD_ACCION_OBRA", "ACTIV_OBRA_ACCINV"),
    "kind": ("TIPO_ACT_PROY_NOMBRE", "TIPO_ACT_PROY", "TIPO_PROD_PROY"),
    "target": ("META_NOMBRE", "META"),
    "purpose_code": ("FINALIDAD",),
    "source": ("FUENTE_FINANCIAMIENTO_NOMBRE", "FUENTE_FINANCIAMIENTO", "FUENTE_FINANC"),
    "fund": ("RUBRO_NOMBRE", "RUBRO"),
    "category": ("CATEGORIA_GASTO_NOMBRE", "CATEGORIA_GASTO"),
    "generic": ("GENERICA_NOMBRE", "GENERICA"),
    "place": ("DEPARTAMENTO_META_NOMBRE", "DEPARTAMENTO_META"),
}
PLACE = ("DEPARTAMENTO_EJECUTORA", "PROVINCIA_EJECUTORA", "DISTRITO_EJECUTORA")
LEVEL = "NIVEL_GOBIERNO"
UBIGEO_DIGITS = 6
BEFORE_A_FIELD = b'"\t \xa0'  # the last one ends a no-break space in UTF-8, and is one in Latin-1
LAST_DEPARTMENT = "25"  # of a ubigeo; a code beyond it is a SEC_EJEC
LOCAL_LEVELS = ("M", "GL", "L")


@dataclass(frozen=True)
class MefColumns:
    """Columns as the file calls them."""

    year: str
    month: str | None
    keys: Mapping[str, str]  # part of the line's code -> column
    amounts: Mapping[str, tuple[str, ...]]  # stage -> the columns that are summed into it
    labels: Mapping[str, str]
    place: tuple[str, ...]  # department, province, district; empty where one is missing
    level: str | None

    def needed(self, labels: Iterable[str]) -> set[str]:
        """All columns that are read."""
        named = {self.year, self.month, self.level, *self.keys.values(), *self.place, *self.amount_columns()}
        return {name for name in (*named, *(self.labels.get(label) for label in labels)) if name}

    def amount_columns(self) -> list[str]:
        """Columns that hold amounts."""
        return [name for names in self.amounts.values() for name in names]

    def place_codes(self) -> tuple[str, ...]:
        """Columns that say whose a row is: the unit, its department, province and district."""
        return (*([self.keys["unit"]] if "unit" in self.keys else []), *self.place)

    def stage_sums(self) -> list[pl.Expr]:
        """Each stage from its columns; null where all of them are empty or the file lacks it."""
        return [_sum_of(self.amounts.get(stage, ())).alias(stage) for stage in STAGES]

    def key_expression(self, part: str) -> pl.Expr:
        """A part of the line's code: of `5. RECURSOS DETERMINADOS` only the 5, of generic class `2.3` only the 3."""
        text = pl.col(self.keys[part])
        if part == "generic" and "transaction" in self.keys:
            text = text.str.replace(r"^2\.(\d)", "$1")
        return (
            pl.when(text.str.contains(" ", literal=True))
            .then(text.str.extract(r"^([0-9][0-9.]*?)\.?[\s:-]", 1).fill_null(text))
            .otherwise(text)
        )

    def marks(self, municipality: str | None, delimiter: str) -> tuple[Mark, ...]:
        """Of which each line of a municipality holds at least one; empty where that cannot be said.

        A SEC_EJEC stands in its line with all its digits but leading zeros. Of a ubigeo the district's digits begin a
        field: after the delimiter, a quotation mark or a blank of any kind.
        """
        code = (municipality or "").strip()
        if len(code) != UBIGEO_DIGITS or not code.isdigit():
            return ()
        found = [Mark(code.lstrip("0").encode())] if "unit" in self.keys and code.strip("0") else []
        if self.place and code[:2] <= LAST_DEPARTMENT:
            before = delimiter.encode() + BEFORE_A_FIELD
            found += [Mark(digits.encode(), before) for digits in sorted({code[-2:], str(int(code[-2:]))})]
        return tuple(found)

    def municipality_filter(self, code: str) -> pl.Expr:
        """Rows of a SEC_EJEC or of a ubigeo."""
        wanted = code.strip().lstrip("0")
        chosen = pl.lit(False)
        if "unit" in self.keys:
            chosen = pl.col(self.keys["unit"]).str.strip_chars_start("0") == wanted
        if self.place:
            digits = [pl.col(name).str.extract(r"^(\d+)", 1).str.zfill(2) for name in self.place]
            here = pl.concat_str(digits) == code.strip().zfill(6)
            if self.level:
                here &= pl.col(self.level).str.to_uppercase().is_in(LOCAL_LEVELS)
            chosen |= here.fill_null(False)
        return chosen


def _sum_of(columns: Sequence[str]) -> pl.Expr:
    if not columns:
        return pl.lit(None, pl.Decimal(38, 4))
    if len(columns) == 1:
        return pl.col(columns[0])
    known = pl.any_horizontal(pl.col(name).is_not_null() for name in columns)
    total = pl.col(columns[0]).fill_null(0)
    for name in columns[1:]:
        total = total + pl.col(name).fill_null(0)
    return pl.when(known).then(total)


def has_mef_header(cells: Sequence[str]) -> bool:
    """Whether these cells are a header of the ministry's file."""
    return _found({plain_name(cell): cell for cell in cells}) is not None


def find_columns(table: TextTable) -> MefColumns | None:
    """The columns of the table; None where it is not the ministry's file."""
    return _found({plain_name(name): name for name in table.columns})


def _found(there: Mapping[str, str]) -> MefColumns | None:
    year = _first(there, YEAR)
    keys = {part: name for part, names in LINE_COLUMNS.items() if (name := _first(there, names))}
    amounts = {stage: names for stage in STAGES if (names := _amount_columns(there, stage))}
    if year is None or not set(NEEDED) <= set(keys) or not {"pim", "accrued"} & set(amounts):
        return None
    labels = {label: name for label, names in LABELS.items() if (name := _first(there, names))}
    place = tuple(there[name] for name in PLACE) if set(PLACE) <= set(there) else ()
    return MefColumns(year, _first(there, MONTH), keys, amounts, labels, place, there.get(LEVEL))


def _first(there: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((there[name] for name in names if name in there), None)


def _amount_columns(there: Mapping[str, str], stage: str) -> tuple[str, ...]:
    whole = _first(there, AMOUNTS[stage])
    if whole:
        return (whole,)
    for prefix in MONTHLY.get(stage, ()):
        months = [_month_column(there, prefix, number) for number in range(1, 13)]
        if any(months):
            return tuple(name for name in months if name)
    return ()


def _month_column(there: Mapping[str, str], prefix: str, number: int) -> str | None:
    spellings = [f"{prefix}{word}" for word in MONTHS[number - 1].split("|")]
    return _first(there, [*spellings, f"{prefix}{number:02d}"])


def header_problem(table: TextTable) -> Problem:
    """What was looked for in the header, and what comes nearest."""
    looked_for = {"year": YEAR[:1], "target": ("SEC_FUNC",), "PIM or accrued": ("MONTO_PIM", "MONTO_DEVENGADO")}
    hints = []
    for names in looked_for.values():
        for name in names:
            near = nearest(name, table.columns)
            hints.append(f"{name} (nearest there: {near})" if near else f"{name} (nothing near it there)")
    message = (
        f"This is not the header of the ministry's file. Looked for: {', '.join(hints)}. "
        f"Found: {', '.join(table.columns)[:300]}. Use --source table with a mapping for other files."
    )
    place = {"file": table.file, "sheet": table.sheet, "line": table.header_line}
    return Problem("header_unknown", message, **place)


def missing_amounts(table: TextTable, columns: MefColumns) -> Iterator[Problem]:
    """PIA, PIM and accrued that no column holds: an error where a header looks like a slip, else a warning."""
    unused = [name for name in table.columns if name not in columns.amount_columns()]
    for stage in ("pia", "pim", "accrued"):
        if stage in columns.amounts:
            continue
        wanted = AMOUNTS[stage][0]
        near = nearest(wanted, unused)
        hint = f"the nearest there is '{near}'; rename it if that is what it holds" if near else "nothing is near it"
        message = f"No column holds the {stage} amount (looked for {wanted}; {hint}). It is left out, which is not 0."
        level = "warning" if near is None else "error"
        yield Problem("stage_missing", message, level, file=table.file, line=table.header_line, column=near)
