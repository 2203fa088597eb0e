"""Words of a proposed modification by language: why money stays where it is, titles and headers of its workbook."""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, str]

REASONS: Mapping[str, Texts] = {
    "takers_full": {
        "es": "Los programas que pueden recibirlo ya tienen todo lo que iban a recibir",
        "en": "The programmes that may take it already have all that they were to get",
    },
    "not_allowed": {
        "es": "Las reglas de la fuente no permiten que pague lo que sube",
        "en": "The rules of the source do not let it pay for what gains",
    },
    "no_receiver": {
        "es": "Ningún programa que sube tiene una línea que pueda recibirlo",
        "en": "No programme that gains has a line that could take it",
    },
    "reserved": {
        "es": "Ya está certificado, comprometido, devengado o girado",
        "en": "It is certified, committed, accrued or paid already",
    },
    "reserved_unknown": {
        "es": "El archivo no dice cuánto está certificado, comprometido, devengado o girado",
        "en": "The file does not say how much is certified, committed, accrued or paid",
    },
    "locked": {
        "es": "La línea tiene destino fijo según su etiqueta aprobada",
        "en": "The line is earmarked by its approved tag",
    },
    "source_unknown": {
        "es": "La línea no tiene registrada su fuente de financiamiento",
        "en": "The line has no funding source recorded",
    },
    "same_line": {
        "es": "La única línea que podría recibirlo es la misma que lo da: cambie las participaciones de sus programas",
        "en": "The only line that could take it is the one that gives it: change the shares of its programmes",
    },
    "no_rule": {
        "es": "No hay regla que diga qué puede pagar esta fuente",
        "en": "No rule says what this source may pay for",
    },
    "no_lines": {
        "es": "Detrás de este monto no hay línea (monto declarado, línea repartida más que el total o redondeo)",
        "en": "No budget line stands behind this amount (a stated amount, a line shared above the whole, or rounding)",
    },
    "givers_used_up": {
        "es": "Las líneas que pueden pagarlo ya dieron todo lo que tienen libre",
        "en": "The lines that may pay for it have given all that is free",
    },
    "givers_source_unknown": {
        "es": "Las líneas que bajan no tienen registrada su fuente de financiamiento",
        "en": "The lines that lose have no funding source recorded",
    },
    "givers_no_rule": {
        "es": "No hay regla que diga qué puede pagar la fuente de las líneas que bajan",
        "en": "No rule says what the source of the lines that lose may pay for",
    },
    "no_giver": {
        "es": "Ninguna línea que baja puede pagarlo",
        "en": "No line that loses could pay for it",
    },
}
SIDES: Mapping[str, Texts] = {"out": {"es": "baja", "en": "loses"}, "in": {"es": "sube", "en": "gains"}}
BASES: Mapping[str, Texts] = {
    "this_year": {
        "es": "Modificación del año en curso: se mueve lo que no está certificado, comprometido, devengado o girado",
        "en": "Modification of the current year: only what is not certified, committed, accrued or paid moves",
    },
    "next_year": {
        "es": "Para el presupuesto de apertura del año siguiente: se mueven líneas enteras",
        "en": "For the opening budget of the year after: whole lines move",
    },
}
RULE_BASES: Mapping[str, Texts] = {
    "law": {"es": "ley", "en": "law"},
    "assumption": {"es": "SUPUESTO, por verificar", "en": "ASSUMPTION, to be verified"},
}
NEW_LINE: Texts = {"es": "línea nueva, como {code}, con esta fuente", "en": "new line, like {code}, with this source"}
PROPOSAL: Texts = {
    "es": "PROPUESTA. No modifica el presupuesto: la oficina de presupuesto la revisa y la tramita.",
    "en": "PROPOSAL. It changes no budget: the budget office checks it and takes it further.",
}
SYNTHETIC: Texts = {
    "es": "DATOS SINTÉTICOS: ninguna cifra describe a personas reales.",
    "en": "SYNTHETIC DATA: no figure here describes real people.",
}
NOTES: Mapping[str, Texts] = {
    "title": {"es": "Notas", "en": "Notes"},
    "what": {"es": "Qué es", "en": "What this is"},
    "site": {"es": "Municipalidad", "en": "Municipality"},
    "scenario": {"es": "Escenario", "en": "Scenario"},
    "owner": {"es": "Guardado por", "en": "Saved by"},
    "saved_at": {"es": "Guardado (UTC)", "en": "Saved (UTC)"},
    "year": {"es": "Año presupuestal", "en": "Budget year"},
    "basis": {"es": "Base", "en": "Basis"},
    "currency": {"es": "Moneda", "en": "Currency"},
    "moved_out": {"es": "El escenario quita", "en": "The scenario takes away"},
    "moved_in": {"es": "El escenario agrega", "en": "The scenario adds"},
    "placed": {"es": "Colocado en líneas", "en": "Placed by line"},
    "unplaced_out": {"es": "Sin colocar, de lo que baja", "en": "Not placed, of what loses"},
    "unplaced_in": {"es": "Sin colocar, de lo que sube", "en": "Not placed, of what gains"},
    "rules": {"es": "Reglas de las fuentes", "en": "Rules of the sources"},
    "verified": {"es": "Qué se verificó de las reglas", "en": "What of the rules was verified"},
    "files": {"es": "Fuente de las líneas", "en": "Source of the lines"},
    "warning": {"es": "Aviso", "en": "Warning"},
}
TRANSFERS: Mapping[str, Texts] = {
    "title": {"es": "Modificaciones", "en": "Transfers"},
    "number": {"es": "N.º", "en": "No."},
    "source": {"es": "Fuente (rubro)", "en": "Source (fund)"},
    "amount": {"es": "Monto", "en": "Amount"},
    "from_programme": {"es": "Programa que baja", "en": "Programme that loses"},
    "from_line": {"es": "De la línea", "en": "From line"},
    "from_name": {"es": "Nombre de la línea", "en": "Name of the line"},
    "from_class": {"es": "Genérica", "en": "Class of expenditure"},
    "to_programme": {"es": "Programa que sube", "en": "Programme that gains"},
    "to_line": {"es": "A la línea", "en": "To line"},
    "to_name": {"es": "Nombre de la línea", "en": "Name of the line"},
    "to_class": {"es": "Genérica", "en": "Class of expenditure"},
    "rules": {"es": "Reglas que se aplican", "en": "Rules that apply"},
}
LINES: Mapping[str, Texts] = {
    "title": {"es": "Por línea", "en": "By line"},
    "line": {"es": "Línea", "en": "Line"},
    "name": {"es": "Nombre", "en": "Name"},
    "source": {"es": "Fuente (rubro)", "en": "Source (fund)"},
    "pim": {"es": "PIM", "en": "Modified budget (PIM)"},
    "reserved": {"es": "Ya reservado", "en": "Reserved already"},
    "minus": {"es": "Anulación", "en": "Taken"},
    "plus": {"es": "Habilitación", "en": "Given"},
    "after": {"es": "PIM propuesto", "en": "Proposed PIM"},
}
AFTER: Mapping[str, Texts] = {
    "title": {"es": "Tras registrarla", "en": "After writing back"},
    "programme": {"es": "Programa", "en": "Programme"},
    "today": {"es": "Hoy", "en": "Today"},
    "wanted": {"es": "Lo que pide el escenario", "en": "What the scenario wants"},
    "got": {"es": "Con las participaciones de hoy", "en": "With today's shares"},
    "difference": {"es": "Diferencia", "en": "Difference"},
    "got_with_shares": {"es": "Con las participaciones por cambiar", "en": "With the shares to change"},
    "difference_with_shares": {"es": "Diferencia que queda", "en": "Difference that is left"},
}
SHARES: Mapping[str, Texts] = {
    "title": {"es": "Participaciones por cambiar", "en": "Shares to change"},
    "line": {"es": "Línea", "en": "Line"},
    "name": {"es": "Nombre de la línea", "en": "Name of the line"},
    "programme": {"es": "Programa", "en": "Programme"},
    "today": {"es": "Participación de hoy", "en": "Share today"},
    "wanted": {"es": "Participación nueva", "en": "New share"},
    "what": {"es": "Qué hacer", "en": "What to do"},
}
SHARE_STEPS: Mapping[str, Texts] = {
    "set": {"es": "Cambiar la participación", "en": "Change the share"},
    "add": {"es": "Vincular la línea nueva", "en": "Link the new line"},
    "remove": {"es": "Quitar el vínculo", "en": "Take the link away"},
    "none": {
        "es": "Ninguna participación entre 0 y 1 da lo que pide el escenario",
        "en": "No share from 0 to 1 gives what the scenario wants",
    },
}
SOURCES: Mapping[str, Texts] = {
    "title": {"es": "Por fuente", "en": "By source"},
    "source": {"es": "Fuente (rubro)", "en": "Source (fund)"},
    "minus": {"es": "Anulaciones", "en": "Taken"},
    "plus": {"es": "Habilitaciones", "en": "Given"},
    "difference": {"es": "Diferencia", "en": "Difference"},
}
UNPLACED: Mapping[str, Texts] = {
    "title": {"es": "Sin colocar", "en": "Not placed"},
    "programme": {"es": "Programa", "en": "Programme"},
    "side": {"es": "Sube o baja", "en": "Gains or loses"},
    "amount": {"es": "Monto", "en": "Amount"},
    "reason": {"es": "Por qué", "en": "Why"},
    "rules": {"es": "Reglas", "en": "Rules"},
    "lines": {"es": "Líneas", "en": "Lines"},
}
RULES: Mapping[str, Texts] = {
    "title": {"es": "Reglas", "en": "Rules"},
    "rule": {"es": "Regla", "en": "Rule"},
    "basis": {"es": "Base", "en": "Basis"},
    "law": {"es": "Norma", "en": "Law"},
    "look_in": {"es": "Dónde verificar", "en": "Where to verify"},
    "why": {"es": "Qué dice", "en": "What it says"},
}
