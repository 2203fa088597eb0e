"""Sheets and columns of the programmes workbook, in Spanish and English; writer and reader share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = Mapping[str, str]


@dataclass(frozen=True)
class SheetColumn:
    """A column: the path that it fills (within the row's programme, need or line) and its header by language."""

    path: str
    title: Texts
    choices: Mapping[str, Texts] | None = None  # key -> word
    is_text: bool = True


def column(path: str, es: str, en: str, choices: Mapping[str, Texts] | None = None) -> SheetColumn:
    return SheetColumn(path, {"es": es, "en": en}, choices)


def number(path: str, es: str, en: str) -> SheetColumn:
    return SheetColumn(path, {"es": es, "en": en}, None, is_text=False)


YES_NO = {"yes": {"es": "sí", "en": "yes"}, "": {"es": "no", "en": "no"}}
SPLITS = {
    "need": {"es": "según necesidad", "en": "by need"},
    "population": {"es": "según población", "en": "by population"},
    "stated": {"es": "partes en la hoja Reparto", "en": "shares on the sheet Split"},
}
REACHES = {
    "need": {"es": "según necesidad", "en": "by need"},
    "register": {"es": "según el registro", "en": "by the register"},
    "survey": {"es": "según un indicador", "en": "by an indicator"},
    "stated": {"es": "partes declaradas", "en": "shares stated"},
}
RESPONSES = {
    "linear": {"es": "lineal", "en": "linear"},
    "exponential": {"es": "exponencial", "en": "exponential"},
    "tanh": {"es": "tangente hiperbólica", "en": "tanh"},
}
PROGRAMME = column("programme", "Código del programa", "Programme code")
PROGRAMMES = (
    PROGRAMME,
    number("version", "Versión (no cambiar)", "Version (do not change)"),
    column("name.es", "Nombre en español", "Name in Spanish"),
    column("name.en", "Nombre en inglés", "Name in English"),
    column("heading.es", "Rubro en español", "Heading in Spanish"),
    column("heading.en", "Rubro en inglés", "Heading in English"),
    number("unit_cost.value", "Costo unitario (por persona y año)", "Unit cost (a person and year)"),
    number("unit_cost.low", "Costo unitario mínimo", "Unit cost, lowest"),
    number("unit_cost.high", "Costo unitario máximo", "Unit cost, highest"),
    column("unit_cost.source", "Costo unitario: fuente", "Unit cost: source"),
    number("capacity.value", "Capacidad (personas al año)", "Capacity (persons a year)"),
    column("capacity.source", "Capacidad: fuente", "Capacity: source"),
    number("durability_years.value", "Duración (años)", "Durability (years)"),
    column("durability_years.source", "Duración: fuente", "Durability: source"),
    number("running_cost.value", "Costo de operación (por persona y año)", "Running cost (a person and year)"),
    column("running_cost.source", "Costo de operación: fuente", "Running cost: source"),
    number("beneficiaries.women", "Mujeres atendidas (registro)", "Women served (register)"),
    number("beneficiaries.men", "Hombres atendidos (registro)", "Men served (register)"),
    column("beneficiaries.source", "Registro: fuente", "Register: source"),
    number("baseline.value", "Dinero de hoy declarado", "Money of today, stated"),
    column("baseline.source", "Dinero de hoy: fuente", "Money of today: source"),
    number("floor.value", "Dinero mínimo", "Least money"),
    column("floor.source", "Dinero mínimo: fuente", "Least money: source"),
    number("ceiling.value", "Dinero máximo", "Most money"),
    column("ceiling.source", "Dinero máximo: fuente", "Most money: source"),
    column("locked", "Bloqueado", "Locked", YES_NO),
    column("locked.reason.es", "Motivo del bloqueo en español", "Reason of the lock in Spanish"),
    column("locked.reason.en", "Motivo del bloqueo en inglés", "Reason of the lock in English"),
    column("locked.source", "Bloqueo: fuente", "Lock: source"),
    column("area_split", "Reparto entre sectores", "Split over the sectors", SPLITS),
)
LINKS = (
    PROGRAMME,
    column("need", "Necesidad", "Need"),
    column("reach", "A quiénes alcanza", "Whom it reaches", REACHES),
    number("reach.women", "Alcance mujeres (%)", "Reach, women (%)"),
    number("reach.men", "Alcance hombres (%)", "Reach, men (%)"),
    column("reach.survey", "Alcance: indicador", "Reach: indicator"),
    number("effectiveness", "Efectividad (%)", "Effectiveness (%)"),
    number("effectiveness.low", "Efectividad mínima (%)", "Effectiveness, lowest (%)"),
    number("effectiveness.high", "Efectividad máxima (%)", "Effectiveness, highest (%)"),
    number("ceiling", "Techo de cobertura (%)", "Ceiling of coverage (%)"),
    column("response", "Respuesta", "Response", RESPONSES),
    column("source", "Fuente", "Source"),
)
LINES = (
    PROGRAMME,
    column("code", "Línea presupuestal", "Budget line"),
    number("share", "Parte de la línea (%)", "Share of the line (%)"),
)
SPLIT = (PROGRAMME, column("area", "Sector", "Sector"), number("share", "Parte (%)", "Share (%)"))
NEEDS = (
    column("need", "Necesidad", "Need"),
    column("name", "Nombre", "Name"),
    number("women.universe", "Mujeres: universo", "Women: universe"),
    number("women.deficit", "Mujeres que carecen", "Women who lack it"),
    number("men.universe", "Hombres: universo", "Men: universe"),
    number("men.deficit", "Hombres que carecen", "Men who lack it"),
)
SHEETS: Mapping[str, tuple[Texts, tuple[SheetColumn, ...]]] = {
    "programmes": ({"es": "Programas", "en": "Programmes"}, PROGRAMMES),
    "serves": ({"es": "Necesidades atendidas", "en": "Needs served"}, LINKS),
    "lines": ({"es": "Líneas", "en": "Lines"}, LINES),
    "split": ({"es": "Reparto", "en": "Split"}, SPLIT),
    "needs": ({"es": "Necesidades (solo lectura)", "en": "Needs (read-only)"}, NEEDS),
}
INSTRUCTIONS_TITLE = {"es": "Instrucciones", "en": "Instructions"}
INSTRUCTIONS: Mapping[str, tuple[str, ...]] = {
    "es": (
        "Programas de {site}, presupuesto {year}, moneda {currency}.",
        "Este libro es la lista completa: un programa que se borra de la hoja Programas se quita del sitio.",
        "Cada fila de las otras hojas nombra un programa por su código. Las partes y la efectividad van en por ciento.",
        "Un parámetro sin fuente se muestra como supuesto. Una celda vacía es un parámetro no declarado, nunca cero.",
        "No cambie la columna Versión: con ella se nota si otra persona cambió el programa entre tanto.",
        "La hoja de necesidades es solo para leer: viene de la encuesta.",
        "Súbalo en el Taller de programas o con: python -m budget_model programmes import. Se aplica todo o nada.",
    ),
    "en": (
        "Programmes of {site}, budget {year}, currency {currency}.",
        "This workbook is the whole list: a programme that is deleted from the sheet Programmes is removed.",
        "Each row of the other sheets names a programme by its code. Shares and effectiveness are per cent.",
        "A parameter without a source is shown as an assumption. An empty cell is not stated, never zero.",
        "Leave the column Version as it is: it tells whether somebody changed the programme meanwhile.",
        "The sheet of needs is only for reading: it comes from the survey.",
        "Upload it on the Programme workbench or with: python -m budget_model programmes import. All or nothing.",
    ),
}
