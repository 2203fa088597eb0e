"""Words of scorecards by language: what the system holds, grades, titles and headers of the documents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Texts = Mapping[str, str]
AMOUNTS = ("pim", "accrued")

EVIDENCE: Mapping[str, Texts] = {
    "tagged_lines": {
        "es": "{lines} líneas de {year} con etiqueta de género aprobada (PIM: {currency} {pim})",
        "en": "{lines} lines of {year} with an approved gender tag (PIM: {currency} {pim})",
    },
    "tagged_objectives": {
        "es": "{lines} líneas de {year} con marcador 2 o 1, con objetivo, indicador y brecha (PIM: {currency} {pim})",
        "en": "{lines} lines of {year} with marker 2 or 1: objective, indicator, gap stated (PIM: {currency} {pim})",
    },
    "reviewed_tags": {
        "es": "{lines} etiquetas de {year} aprobadas por una segunda persona, con su historia",
        "en": "{lines} tags of {year} approved by a second person, with their history",
    },
    "statement_by_stage": {
        "es": "Declaración de {year} en este sistema, por etapa ({stages}); no está publicada",
        "en": "Statement of {year} in this system, by stage ({stages}); it is not published",
    },
    "execution_by_tag": {
        "es": "Ejecución de {lines} líneas etiquetadas de {year}: devengado {currency} {accrued} de PIM {pim}",
        "en": "Execution of {lines} tagged lines of {year}: accrued {currency} {accrued} of PIM {pim}",
    },
    "estimates_by_sex": {
        "es": "{indicators} indicadores de mujeres y hombres en la ronda {round}",
        "en": "{indicators} indicators of women and men in round {round}",
    },
    "needs_links": {
        "es": "{programmes} programas vinculados a {needs} necesidades contadas por sexo (ronda {round})",
        "en": "{programmes} programmes linked to {needs} needs counted by sex (round {round})",
    },
    "beneficiaries_by_sex": {
        "es": "{programmes} programas con usuarias y usuarios por sexo",
        "en": "{programmes} programmes with users by sex",
    },
    "scenarios_by_sex": {
        "es": "{scenarios} escenarios del presupuesto de {year} calculados para mujeres y hombres",
        "en": "{scenarios} scenarios on the budget of {year}, computed for women and men",
    },
    "earlier_rounds": {
        "es": "Cambios de las necesidades entre las rondas {rounds}",
        "en": "Changes of needs between the rounds {rounds}",
    },
    "focus_sessions": {
        "es": "{sessions} sesiones de grupos focales de mujeres y hombres",
        "en": "{sessions} focus group sessions of women and men",
    },
}
STAGES: Mapping[str, Texts] = {
    "pia": {"es": "PIA", "en": "PIA"},
    "pim": {"es": "PIM", "en": "PIM"},
    "certified": {"es": "certificado", "en": "certified"},
    "committed": {"es": "comprometido", "en": "committed"},
    "accrued": {"es": "devengado", "en": "accrued"},
    "paid": {"es": "girado", "en": "paid"},
}
EVIDENCE_PAGES = {  # the page of the dashboard that shows it
    "tagged_lines": "review",
    "tagged_objectives": "review",
    "reviewed_tags": "review",
    "statement_by_stage": "statement",
    "execution_by_tag": "statement",
    "estimates_by_sex": "needs",
    "needs_links": "links",
    "beneficiaries_by_sex": "programmes",
    "scenarios_by_sex": "scenarios",
    "earlier_rounds": "needs",
    "focus_sessions": "focus-groups",
}
GRADES: Mapping[str, Texts] = {
    "satisfied": {"es": "Satisfecho", "en": "Satisfied"},
    "not_satisfied": {"es": "No satisfecho", "en": "Not satisfied"},
}
NOT_ASSESSED: Texts = {"es": "No evaluado", "en": "Not assessed"}
NO_GRADE: Texts = {"es": "Esta ficha no da una nota de conjunto", "en": "This card gives no grade as a whole"}
MISSING: Texts = {"es": "faltan respuestas a: {questions}", "en": "answers are missing to: {questions}"}
TAKEN_OVER: Texts = {
    "es": "Propuesta del sistema, confirmada por una persona",
    "en": "Proposed by the system, confirmed by a person",
}
TAKEN_BACK: Texts = {"es": "retirada", "en": "taken back"}
NOTES: Mapping[str, Texts] = {
    "title": {"es": "Resultado", "en": "Result"},
    "site": {"es": "Municipalidad", "en": "Municipality"},
    "card": {"es": "Ficha", "en": "Scorecard"},
    "year": {"es": "Año", "en": "Year"},
    "verdict": {"es": "Resultado", "en": "Result"},
    "answered": {"es": "Respuestas", "en": "Answers"},
    "missing": {"es": "Sin respuesta", "en": "Not answered"},
    "about": {"es": "Qué es", "en": "What it is"},
    "source": {"es": "Fuente", "en": "Source"},
    "verified": {"es": "Qué se verificó", "en": "What was verified"},
    "rule": {"es": "Cómo se califica", "en": "How it is graded"},
    "warning": {"es": "Aviso", "en": "Warning"},
}
RULE: Texts = {
    "es": "Cuentan solo respuestas de personas. Lo que nadie respondió no es ni sí ni no: queda sin evaluar.",
    "en": "Only answers of people count. What nobody answered is neither yes nor no: it is not assessed.",
}
PARTS: Mapping[str, Texts] = {
    "title": {"es": "Partes", "en": "Parts"},
    "part": {"es": "Parte", "en": "Part"},
    "grade": {"es": "Resultado", "en": "Grade"},
    "answers": {"es": "Respuestas", "en": "Answers"},
    "missing": {"es": "Sin respuesta", "en": "Not answered"},
}
QUESTIONS: Mapping[str, Texts] = {
    "title": {"es": "Preguntas", "en": "Questions"},
    "question": {"es": "N.º", "en": "No."},
    "text": {"es": "Pregunta", "en": "Question"},
    "answer": {"es": "Respuesta", "en": "Answer"},
    "evidence": {"es": "Sustento", "en": "Evidence"},
    "note": {"es": "Nota", "en": "Note"},
    "author": {"es": "Quién", "en": "Who"},
    "at": {"es": "Cuándo (UTC)", "en": "When (UTC)"},
    "held": {"es": "Lo que hay en el sistema", "en": "What the system holds"},
}
HISTORY: Mapping[str, Texts] = {
    "title": {"es": "Historia", "en": "History"},
    "question": {"es": "N.º", "en": "No."},
    "version": {"es": "Versión", "en": "Version"},
    "answer": {"es": "Respuesta", "en": "Answer"},
    "evidence": {"es": "Sustento", "en": "Evidence"},
    "note": {"es": "Nota", "en": "Note"},
    "author": {"es": "Quién", "en": "Who"},
    "at": {"es": "Cuándo (UTC)", "en": "When (UTC)"},
}


def evidence_text(kind: str, facts: Mapping[str, Any], year: int, language: str) -> str:
    """What the system holds, in a sentence; what is not known is a dash."""
    shown = {name: _shown(name, value, language) for name, value in facts.items()}
    return EVIDENCE[kind][language].format(year=year, **shown)


def _shown(name: str, value: Any, language: str) -> str:
    if value is None:
        return "–"
    if name in AMOUNTS:
        return f"{Decimal(value):,.2f}"
    if name == "stages":
        return ", ".join(STAGES[stage][language] for stage in value)
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
