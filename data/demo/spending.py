"""Invented budget lines of six years, as a file in the layout of the ministry's open expenditure data.

63 columns; rows of month 0 carry PIA and PIM, months 1-12 the flows. Made from `budget.yaml`; the name of the entity
says in every row that the data are synthetic, and its number belongs to no real entity.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FILE = Path(__file__).with_name("budget.yaml")
CENTS = 100

ENTITY = "MUNICIPALIDAD DE DEMOSTRACION, A SEMEJANZA DE VILLA EL SALVADOR (DATOS SINTETICOS)"
FIXED = {
    "NIVEL_GOBIERNO": "M",
    "NIVEL_GOBIERNO_NOMBRE": "GOBIERNOS LOCALES",
    "SECTOR": "M",
    "SECTOR_NOMBRE": "MUNICIPALIDADES",
    "PLIEGO": "999142",
    "PLIEGO_NOMBRE": ENTITY,
    "SEC_EJEC": "999142",
    "EJECUTORA": "999142",
    "EJECUTORA_NOMBRE": ENTITY,
    "DEPARTAMENTO_EJECUTORA": "15",
    "DEPARTAMENTO_EJECUTORA_NOMBRE": "LIMA",
    "PROVINCIA_EJECUTORA": "01",
    "PROVINCIA_EJECUTORA_NOMBRE": "LIMA",
    "DISTRITO_EJECUTORA": "42",
    "DISTRITO_EJECUTORA_NOMBRE": "VILLA EL SALVADOR (DATOS SINTETICOS)",
    "DEPARTAMENTO_META": "15",
    "DEPARTAMENTO_META_NOMBRE": "LIMA",
    "TIPO_TRANSACCION": "2",
}
KINDS = {"project": ("2", "PROYECTO"), "activity": ("3", "ACTIVIDAD")}
AMOUNTS = (
    "MONTO_PIA",
    "MONTO_PIM",
    "MONTO_CERTIFICADO",
    "MONTO_COMPROMETIDO_ANUAL",
    "MONTO_COMPROMETIDO",
    "MONTO_DEVENGADO",
    "MONTO_GIRADO",
)
MONTH_WEIGHT = np.array([0.04, 0.06, 0.07, 0.075, 0.08, 0.08, 0.085, 0.085, 0.085, 0.09, 0.1, 0.15])


@dataclass(frozen=True)
class LineYear:
    """One line in one year: its labels and amounts in whole céntimos; flows are (12,) arrays."""

    year: int
    labels: dict[str, str]
    pia: int
    pim: int
    flows: dict[str, np.ndarray[Any, Any]]


@cache
def read_budget(file: Path = FILE) -> dict[str, Any]:
    """The content of `budget.yaml`."""
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


def write_budget_file(generator: np.random.Generator, target: Path) -> int:
    """Write the CSV file (UTF-8, comma) and return how many rows it has."""
    rows = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, read_budget()["columns"])
        writer.writeheader()
        for line in sorted(budget_lines(generator), key=lambda line: line.year):
            for row in _rows(line):
                writer.writerow(row)
                rows += 1
    return rows


def budget_lines(generator: np.random.Generator) -> Iterator[LineYear]:
    """Every line of every year. The amounts of 2026 are those of `budget.yaml`, earlier years wander back from them."""
    budget = read_budget()
    lines = list(_lines(budget))
    level = np.array([amount for _, amount, _, _ in lines], dtype=float)
    wander = np.ones(len(lines))
    for year in sorted(budget["years"], reverse=True):
        exists = np.array([first <= year for _, _, first, _ in lines])
        wished = np.where(exists, level * wander, 0)
        yield from _year(generator, year, budget["years"][year], lines, wished)
        wander = wander * np.exp(generator.normal(0, 0.07, len(lines)))


def _lines(budget: dict[str, Any]) -> Iterator[tuple[dict[str, str], float, int, bool]]:
    """Labels, amount of 2026 in PEN, first year, whether it is a project."""
    for number, purpose in enumerate(budget["purposes"], start=1):
        for key, share in purpose["lines"].items():
            labels = _labels(budget, purpose, number) | _money_labels(budget, key)
            yield labels, purpose["amount"] * share, purpose["first_year"], purpose["kind"] == "project"


def _labels(budget: dict[str, Any], purpose: dict[str, Any], number: int) -> dict[str, str]:
    """What the purpose says: function, budget programme, product, activity, target (meta)."""
    kind, kind_name = KINDS[purpose["kind"]]
    function, programme = purpose["function"], purpose["budget_programme"]
    return FIXED | {
        "SEC_FUNC": f"{number:04d}",
        "PROGRAMA_PPTO": programme,
        "PROGRAMA_PPTO_NOMBRE": budget["budget_programmes"][programme],
        "TIPO_ACT_PROY": kind,
        "TIPO_ACT_PROY_NOMBRE": kind_name,
        "PRODUCTO_PROYECTO": f"{kind}{purpose['purpose'][1:]}",
        "PRODUCTO_PROYECTO_NOMBRE": purpose["name"],
        "ACTIVIDAD_ACCION_OBRA": f"5{purpose['purpose'][1:]}",
        "ACTIVIDAD_ACCION_OBRA_NOMBRE": purpose["name"],
        "FUNCION": function,
        "FUNCION_NOMBRE": budget["functions"][function],
        "DIVISION_FUNCIONAL": f"0{function}",
        "DIVISION_FUNCIONAL_NOMBRE": budget["functions"][function],
        "GRUPO_FUNCIONAL": f"00{function}",
        "GRUPO_FUNCIONAL_NOMBRE": budget["functions"][function],
        "META": f"{number:05d}",
        "FINALIDAD": purpose["purpose"],
        "META_NOMBRE": purpose["name"],
    }


def _money_labels(budget: dict[str, Any], key: str) -> dict[str, str]:
    """What `source/rubro/generic` says."""
    source, rubro, generic = key.split("/")
    name = budget["generics"][generic]
    capital = generic == "2.6"
    classifier = generic.split(".")[1]
    return {
        "FUENTE_FINANCIAMIENTO": source,
        "FUENTE_FINANCIAMIENTO_NOMBRE": budget["sources"][source],
        "RUBRO": rubro,
        "RUBRO_NOMBRE": budget["rubros"][rubro],
        "TIPO_RECURSO": "0",
        "TIPO_RECURSO_NOMBRE": "NORMAL",
        "CATEGORIA_GASTO": "6" if capital else "7" if generic == "2.8" else "5",
        "CATEGORIA_GASTO_NOMBRE": "GASTO DE CAPITAL"
        if capital
        else "SERVICIO DE LA DEUDA"
        if generic == "2.8"
        else "GASTO CORRIENTE",
        "GENERICA": classifier,
        "GENERICA_NOMBRE": name,
        "SUBGENERICA": "1",
        "SUBGENERICA_NOMBRE": name,
        "SUBGENERICA_DET": "1",
        "SUBGENERICA_DET_NOMBRE": name,
        "ESPECIFICA": "1",
        "ESPECIFICA_NOMBRE": name,
        "ESPECIFICA_DET": "1",
        "ESPECIFICA_DET_NOMBRE": name,
    }


def _year(
    generator: np.random.Generator, year: int, facts: dict[str, Any], lines: list[Any], wished: np.ndarray[Any, Any]
) -> Iterator[LineYear]:
    """The lines of one year: PIM adds up to the year's total exactly, PIA to its own."""
    total = facts.get("pim", round(wished.sum()))
    pim = _whole_soles(wished, total)
    project = np.array([is_project for *_, is_project in lines])
    pia_wish = pim * np.where(project, 0.45, 0.9) * generator.uniform(0.85, 1.1, len(lines))
    pia = _whole_soles(np.minimum(pia_wish, pim), facts.get("pia", round(total * facts.get("pia_share", 1.0))))
    executed = np.where(project, facts["executed"] - 0.13, facts["executed"] + 0.02)
    for index, (labels, *_) in enumerate(lines):
        if pim[index] > 0:
            share = float(np.clip(executed[index] + generator.normal(0, 0.05), 0.2, 0.985))
            flows = _flows(generator, int(pim[index]) * CENTS, share, facts["months"])
            yield LineYear(year, labels, int(pia[index]) * CENTS, int(pim[index]) * CENTS, flows)


def _whole_soles(wished: np.ndarray[Any, Any], total: int) -> np.ndarray[Any, Any]:
    """Whole numbers in proportion to `wished` that add up to `total`; what rounding leaves goes to the largest."""
    parts = np.floor(wished / wished.sum() * total + 1e-6).astype(np.int64)  # 1e-6: a whole number stays itself
    parts[np.argmax(parts)] += total - parts.sum()
    return parts


def _flows(generator: np.random.Generator, pim: int, accrued: float, months: int) -> dict[str, np.ndarray[Any, Any]]:
    """Monthly flows in céntimos. In the year's sum paid <= accrued <= committed <= certified <= PIM."""
    shares = {"MONTO_DEVENGADO": accrued, "MONTO_GIRADO": accrued * generator.uniform(0.96, 1.0)}
    shares["MONTO_COMPROMETIDO"] = accrued + (1 - accrued) * generator.uniform(0.1, 0.3)
    shares["MONTO_COMPROMETIDO_ANUAL"] = shares["MONTO_COMPROMETIDO"] + (1 - accrued) * generator.uniform(0.05, 0.2)
    shares["MONTO_CERTIFICADO"] = min(
        shares["MONTO_COMPROMETIDO_ANUAL"] + (1 - accrued) * generator.uniform(0.05, 0.3), 1
    )
    weight = MONTH_WEIGHT[:months] * generator.uniform(0.7, 1.3, months)
    weight = weight / weight.sum()
    return {name: np.floor(pim * share * weight).astype(np.int64) for name, share in shares.items()}


def _rows(line: LineYear) -> Iterator[dict[str, str]]:
    """Month 0 with PIA and PIM, then one row a month with flows."""
    none = dict.fromkeys(AMOUNTS, "0")
    start = {"ANO_EJE": str(line.year), "MES_EJE": "0"}
    yield start | line.labels | none | {"MONTO_PIA": _soles(line.pia), "MONTO_PIM": _soles(line.pim)}
    for month in range(len(line.flows["MONTO_GIRADO"])):
        amounts = {name: _soles(int(flow[month])) for name, flow in line.flows.items()}
        yield start | {"MES_EJE": str(month + 1)} | line.labels | none | amounts


def _soles(cents: int) -> str:
    """Céntimos as soles, exactly."""
    return f"{cents // CENTS}.{cents % CENTS:02d}" if cents % CENTS else str(cents // CENTS)
