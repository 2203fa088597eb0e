"""Words of digests by language: sentences of alerts, of what is new, and of what cannot be said."""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, str]

RULES: Mapping[str, Texts] = {
    "cut": {"es": "De PIA a PIM, menos que el resto", "en": "From PIA to PIM, less than the rest"},
    "slow": {"es": "Ejecución por debajo del resto", "en": "Execution below the rest"},
    "gone": {"es": "Líneas etiquetadas que ya no están", "en": "Tagged lines that are gone"},
    "december": {"es": "Dinero que salió a fin de año", "en": "Money moved out at the year's end"},
}
ALERTS: Mapping[str, Texts] = {
    "cut": {
        "es": "Del presupuesto de apertura (PIA) al modificado (PIM) de {year}, el dinero que cuenta pasó a {own} de "
        "lo que era; el resto del presupuesto, a {rest}.",
        "en": "From the opening budget (PIA) to the modified one (PIM) of {year}, counted money went to {own} of what "
        "it was; the rest of the budget to {rest}.",
    },
    "slow": {
        "es": "Del presupuesto modificado (PIM) de {year} se devengó el {own} del dinero que cuenta; del resto, el "
        "{rest}.",
        "en": "Of the modified budget (PIM) of {year}, {own} of the counted money was accrued; of the rest {rest}.",
    },
    "gone": {
        "es": "Líneas de {year} con etiqueta aprobada que ya no están en el presupuesto: {number}.",
        "en": "Lines of {year} with an approved tag that the budget no longer has: {number}.",
    },
    "december": {
        "es": "Salió dinero de líneas contadas a fines de {year}: su presupuesto modificado (PIM) es menor en el "
        "archivo que entró el {until} que en el del {since}. Los archivos no dicen en qué día intermedio. "
        "Líneas: {number}.",
        "en": "Money left counted lines at the end of {year}: their modified budget (PIM) is lower in the file that "
        "came in on {until} than in the one of {since}. The files do not say on which day in between. Lines: {number}.",
    },
}
SILENT: Mapping[str, Texts] = {
    "cut": {
        "es": "Del recorte entre PIA y PIM de {year} no se puede decir nada: faltan montos de las dos etapas, o líneas "
        "etiquetadas que cuenten y otras que no.",
        "en": "Nothing can be said of a cut between PIA and PIM of {year}: amounts of both stages are missing, or "
        "tagged lines that count and others that do not.",
    },
    "slow": {
        "es": "De la ejecución de {year} no se puede decir nada: faltan montos modificados y devengados, o líneas "
        "etiquetadas que cuenten y otras que no.",
        "en": "Nothing can be said of the execution of {year}: modified and accrued amounts are missing, or tagged "
        "lines that count and others that do not.",
    },
    "gone": {
        "es": "De líneas etiquetadas que faltan no se puede decir nada: {year} no tiene ninguna etiqueta aprobada.",
        "en": "Nothing can be said of tagged lines that are gone: {year} has no approved tag.",
    },
    "december": {
        "es": "Del dinero que sale a fin de año no se puede decir nada: no hay dos archivos seguidos, el segundo de "
        "diciembre o enero.",
        "en": "Nothing can be said of money moved at the year's end: there are no two files one after the other, the "
        "second of December or January.",
    },
}
STATES: Mapping[str, Texts] = {
    "new": {"es": "Nueva", "en": "New"},
    "changed": {"es": "Cambió", "en": "Changed"},
    "same": {"es": "Sin cambio", "en": "Unchanged"},
}
AMOUNTS: Mapping[str, tuple[Texts, Texts]] = {
    "cut": (
        {"es": "Apertura (PIA)", "en": "Opening (PIA)"},
        {"es": "Modificado (PIM)", "en": "Modified (PIM)"},
    ),
    "slow": (
        {"es": "Modificado (PIM)", "en": "Modified (PIM)"},
        {"es": "Devengado", "en": "Accrued"},
    ),
    "december": (
        {"es": "PIM antes", "en": "PIM before"},
        {"es": "PIM después", "en": "PIM after"},
    ),
}
STAGES: Mapping[str, Texts] = {
    "pia": {"es": "presupuesto de apertura (PIA)", "en": "opening budget (PIA)"},
    "pim": {"es": "presupuesto modificado (PIM)", "en": "modified budget (PIM)"},
    "certified": {"es": "certificado", "en": "certified"},
    "committed": {"es": "comprometido", "en": "committed"},
    "accrued": {"es": "devengado", "en": "accrued"},
    "paid": {"es": "girado", "en": "paid"},
}
WORDS: Mapping[str, Texts] = {
    "title": {"es": "Resumen de alertas del presupuesto", "en": "Digest of budget alerts"},
    "weekly": {"es": "Semana {period}", "en": "Week {period}"},
    "monthly": {"es": "Mes {period}", "en": "Month {period}"},
    "import": {"es": "Después de la importación {period}", "en": "After import {period}"},
    "preview": {"es": "Vista previa: no se envió", "en": "Preview: not sent"},
    "subject": {"es": "Alertas del presupuesto: {news} · {period}", "en": "Budget alerts: {news} · {period}"},
    "subject_news": {"es": "{number} nuevas o cambiadas", "en": "{number} new or changed"},
    "subject_none": {"es": "sin novedades", "en": "nothing new"},
    "how": {
        "es": "Se cuenta con {scheme}, etapa: {stage}. Hecho el {at} (UTC). Solo etiquetas aprobadas por una segunda "
        "persona.",
        "en": "Counted by {scheme}, stage: {stage}. Made on {at} (UTC). Only tags approved by a second person.",
    },
    "first": {
        "es": "Es el primer resumen de esta suscripción: todo figura como nuevo.",
        "en": "This is the first digest of this subscription: everything stands as new.",
    },
    "since": {
        "es": "Novedades desde el resumen del {at} (UTC).",
        "en": "What is new since the digest of {at} (UTC).",
    },
    "nothing_new": {
        "es": "No hay nada nuevo desde el resumen del {at} (UTC).",
        "en": "There is nothing new since the digest of {at} (UTC).",
    },
    "no_alert": {
        "es": "Ninguna alerta: las reglas que se pudieron aplicar no encontraron nada ({rules}).",
        "en": "No alert: the rules that could be asked found nothing ({rules}).",
    },
    "no_rule": {
        "es": "No se pudo aplicar ninguna de las reglas elegidas: no se sabe si hay algo que alertar.",
        "en": "None of the chosen rules could be asked: whether there is anything to alert to is unknown.",
    },
    "no_lines": {
        "es": "Aún no hay líneas de presupuesto de este sitio: no se sabe nada de él.",
        "en": "There are no budget lines of this site yet: nothing is known of it.",
    },
    "money": {
        "es": "{year}: cuentan al menos {counted} de {total} ({share}). Sin etiqueta, no se sabe de {unknown}.",
        "en": "{year}: at least {counted} of {total} count ({share}). Untagged, nothing is known of {unknown}.",
    },
    "money_unknown": {
        "es": "{year}: nada está etiquetado de {total}; lo que cuenta no se sabe, y no es 0.",
        "en": "{year}: nothing of {total} is tagged; what counts is unknown, which is not 0.",
    },
    "money_no_stage": {
        "es": "{year}: ninguna línea tiene esta etapa; lo que cuenta no se sabe, y no es 0.",
        "en": "{year}: no line has this stage; what counts is unknown, which is not 0.",
    },
    "ended": {
        "es": "Ya no se da: {rule}, {year}.",
        "en": "No longer so: {rule}, {year}.",
    },
    "lines": {
        "es": "Líneas detrás de la alerta: {shown} de {total}; montos enteros en {currency}, {year}",
        "en": "Lines behind the alert: {shown} of {total}; whole amounts in {currency}, {year}",
    },
    "new_line": {"es": "nueva", "en": "new"},
    "line": {"es": "Línea", "en": "Line"},
    "code": {"es": "Código", "en": "Code"},
    "novelty": {"es": "Novedad", "en": "News"},
    "source": {
        "es": "Fuente: {files}. Última importación: {at} (UTC).",
        "en": "Source: {files}. Last import: {at} (UTC).",
    },
    "synthetic": {
        "es": "Datos de demostración: sintéticos, de ninguna municipalidad.",
        "en": "Demonstration data: synthetic, of no municipality.",
    },
    "end": {
        "es": "Para dejar de recibirlo: página «Resumen de alertas» del tablero, o digest unsubscribe.",
        "en": "To stop it: the page “Digest of alerts” of the dashboard, or digest unsubscribe.",
    },
}
