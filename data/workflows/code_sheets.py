"""The sheet of codes that is printed before a vote, in the language of the voters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.store.areas import list_areas
from data.store.tables import AssemblyProcess, Site
from data.workflows.ballot_boxes import site_zone
from data.workflows.ballot_codes import CodeGroup, CodeSheet, shown_code
from data.writers.code_sheet import SheetTexts, code_sheet

SEXES = {"F": "mujeres", "M": "varones"}


def sheet_of(session: Session, site: Site, sheet: CodeSheet, address: str) -> tuple[bytes, str]:
    """A PDF and its name. address : of the ballot page, as phones reach it"""
    year = session.get_one(AssemblyProcess, sheet.box.process_id).year
    texts = _texts(session, site, sheet, year, address)
    return code_sheet(texts, [shown_code(code) for code in sheet.codes]), f"codigos-{site.slug}-{year}.pdf"


def _texts(session: Session, site: Site, sheet: CodeSheet, year: int, address: str) -> SheetTexts:
    box, zone = sheet.box, site_zone(site.country)
    names = {area.id: area.name for area in list_areas(session, site.id)}
    codes = {area.code: area.name for area in list_areas(session, site.id)}
    where = f"{site.name}, {names[box.area_id]}" if names[box.area_id] != site.name else site.name
    first, last = (_moment(moment.astimezone(zone)) for moment in (box.opens_at, box.closes_at))
    return SheetTexts(
        title=f"Códigos para votar, {year}",
        heading=f"Presupuesto participativo {year} · {where}",
        how="Apunte la cámara al cuadro, o escriba este código en la dirección de abajo.",
        days=f"Se vota del {first} al {last}. El código vale una vez.",
        picture="Código QR que abre la cédula con este código",
        notes=_notes(sheet, codes),
        address=address,
        warning="Datos inventados para la demostración." if box.is_synthetic else "",
    )


def _notes(sheet: CodeSheet, names: dict[str, str]) -> list[str]:
    group = _group(sheet.group, names)
    return [
        f"{len(sheet.codes)} códigos{f' para {group}' if group else ''}. Recorte y entregue uno a cada persona, "
        "al azar, sin anotar quién recibe cuál.",
        "Esta hoja se da una sola vez: los códigos no se guardan y no pueden imprimirse de nuevo. Guárdela bajo llave "
        "y destruya los que sobren.",
    ]


def _group(group: CodeGroup, names: dict[str, str]) -> str:
    parts = [SEXES.get(group.sex, ""), f"de {group.age} años" if group.age else ""]
    return " ".join(part for part in [*parts, f"de {names.get(group.zone, group.zone)}" if group.zone else ""] if part)


def _moment(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %H:%M}"
