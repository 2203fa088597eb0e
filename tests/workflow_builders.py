"""A small survey, an empty store and a picture of everything stored, for the tests of the workflows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from data.store.engine import transaction
from data.store.tables import Base, Site, User, UserRole
from data.store.users import ensure_roles

PERSONS = """KEY,Sex,Age,Works,Phone
h1,F,34,yes,+51 999 111 222
h1,M,36,yes,+51 999 111 223
h1,F,3,,
h2,F,61,no,+51 999 111 224
h3,M,17,no,+51 999 111 225
h3,F,40,no,+51 999 111 226
h4,M,25,yes,+51 999 111 227
h4,F,22,no,+51 999 111 228
"""
HOUSEHOLDS = """KEY,Sector,Water,weight
h1,N,tap,2
h2,N,well,1
h3,S,well,1.5
h4,S,tap,1.5
"""
MAPPING = """source: made up for a test
coverage: {area: two sectors, rate: 0.9}
design: {census: false, weight: weight, strata: sector, psu: household_id}
areas:
  - column: Sector
    file: households
    name: sector
    values: {N: {code: north, name: North}, S: {code: south, name: South}}
persons:
  household: KEY
  sex: {column: Sex, values: {F: female, M: male}}
  age: {column: Age, missing: [999]}
households:
  id: KEY
derive:
  household_size: {count: persons}
  has_child: {any: age < 18, among: age IS NOT NULL}
"""
CATALOGUE = """
- {id: NO_TAP, level: household, universe: Water IS NOT NULL, numerator: Water = 'well', direction: down, version: 1,
   label: {en: No tap}}
- {id: WORKS, level: person, universe: age >= 15, numerator: Works = 'yes', direction: up, version: 1,
   label: {en: Works}}
- {id: HUNGER, level: household, universe: TRUE, numerator: went_hungry = 'yes', direction: down, version: 1,
   label: {en: Hunger}}
"""
PROGRAMMES = """currency: PEN
price_year: 2026
programmes:
  - code: taps
    name: {en: Taps}
    heading: {en: Water}
    unit_cost: {value: 100, source: "assumption"}
    durability_years: {value: 1, source: "assumption"}
    baseline: {value: 100.01, source: "assumption"}
    area_split: population
    serves:
      - {need: NO_TAP, reach: need, effectiveness: 0.5, ceiling: 0.9, source: "assumption"}
  - code: jobs
    name: {en: Jobs}
    heading: {en: Work}
    unit_cost: {value: 50, low: 40, high: 60, source: "assumption"}
    capacity: {value: 10, source: "assumption"}
    durability_years: {value: 1, source: "assumption"}
    beneficiaries: {women: 3, men: 1, source: "register"}
    baseline: {value: 20, source: "assumption"}
    area_split: {north: 0.25, south: 0.75}
    serves:
      - {need: WORKS, effectiveness: 0.5, ceiling: 0.9, source: "assumption"}
"""


@dataclass(frozen=True)
class Workshop:
    """A migrated database with one site and one user, an empty bank, and a folder for input files."""

    factory: sessionmaker[Session]
    bank: Path
    folder: Path

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def survey_files(self, persons: str = PERSONS, households: str | None = HOUSEHOLDS) -> dict[str, Path]:
        files = {"persons": self.write("persons.csv", persons)}
        return files if households is None else {**files, "households": self.write("households.csv", households)}

    def everything_stored(self) -> dict[str, Any]:
        """All rows of all tables, and every file of the bank with the hash of its content."""
        with self.factory() as session:
            rows = {
                table.name: sorted(map(repr, session.execute(select(table)).all()))
                for table in Base.metadata.sorted_tables
            }
        files = {
            str(file.relative_to(self.bank)): hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
            for file in sorted(self.bank.rglob("*"))
        }
        return {**rows, "bank": files}


def make_workshop(
    folder: Path, factory: sessionmaker[Session], slug: str = "testville", currency: str = "PEN"
) -> Workshop:
    """A workshop on a migrated, empty database, with the official Ana."""
    with transaction(factory) as session:
        site = Site(slug=slug, name=slug.title(), country="PE", currency=currency)
        ana = User(login="ana", display_name="Ana", password_hash="x", created_at=datetime.now(UTC))
        session.add_all([site, ana])
        ensure_roles(session)
        session.add(UserRole(user_id=ana.id, role_code="official", site_id=site.id))
    bank, inputs = folder / "bank", folder / "input"
    bank.mkdir()
    inputs.mkdir()
    return Workshop(factory, bank, inputs)
