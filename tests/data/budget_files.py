"""Little budget files for the tests, and what they share."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from data.store.engine import transaction
from data.store.tables import Site

MEF_HEADER = (
    "ANO_EJE,MES_EJE,NIVEL_GOBIERNO,SEC_EJEC,EJECUTORA_NOMBRE,DEPARTAMENTO_EJECUTORA,PROVINCIA_EJECUTORA,"
    "DISTRITO_EJECUTORA,SEC_FUNC,FUNCION,FUNCION_NOMBRE,FUENTE_FINANCIAMIENTO,RUBRO,TIPO_TRANSACCION,GENERICA,"
    "MONTO_PIA,MONTO_PIM,MONTO_CERTIFICADO,MONTO_COMPROMETIDO_ANUAL,MONTO_COMPROMETIDO,MONTO_DEVENGADO,MONTO_GIRADO"
)
TABLE_MAPPING = """year: 2023
currency: ARS
line: [programa]
labels: {programme: nombre}
stages: {pia: aprobado, pim: vigente, accrued: devengado}
gender_share: ppg
"""
TABLE_ROWS = ["programa,nombre,aprobado,vigente,devengado,ppg", "01,Salud,10.5,20,15.25,50", "02,Obras,1,2,0,0"]


def mef_row(month: int, amounts: str, unit: str = "301291", target: str = "0001", year: int = 2024) -> str:
    """A row of the ministry's file; `amounts` are PIA to GIRADO."""
    return f"{year},{month},M,{unit},MUNICIPALIDAD,15,01,42,{target},23,PROTECCIÓN SOCIAL,5,07,2,3,{amounts}"


MEF_ROWS = [
    MEF_HEADER,
    mef_row(0, "100,150.5,0,0,0,0,0"),
    mef_row(1, "0,0,100,80,60,50.25,40"),
    mef_row(2, "0,0,20,20,20,10.05,10"),
    mef_row(0, "7,8,0,0,0,0,0", target="0002"),
    mef_row(0, "1000,1000,0,0,0,0,0", unit="300001"),
]


def write(folder: Path, name: str, rows: list[str], encoding: str = "utf-8") -> Path:
    """A file of lines."""
    file = folder / name
    file.write_bytes("".join(f"{row}\n" for row in rows).encode(encoding))
    return file


def add_site(factory: sessionmaker[Session], slug: str, currency: str = "PEN", is_synthetic: bool = False) -> None:
    """A site without anything."""
    with transaction(factory) as session:
        session.add(Site(slug=slug, name=slug.title(), country="PE", currency=currency, is_synthetic=is_synthetic))
