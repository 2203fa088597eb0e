"""Texts that are stored once and read in two languages: sources of the demonstration and of the core catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.context import PageContext
from dashboard.services.findings import RoundInfo
from dashboard.services.programmes import ProgrammeInfo, ServedNeed
from dashboard.views.programmes import programme_card
from dashboard.views.words import round_sources
from data.demo.texts import TEXTS

SPANISH, ENGLISH = PageContext("es"), PageContext("en")
DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"


def test_a_stored_text_is_read_in_the_language_of_the_page_and_any_other_stays_as_it_was_written():
    assert SPANISH.stored("assumption: tankers") == "supuesto: camiones cisterna"
    assert ENGLISH.stored("assumption: tankers") == "assumption: tankers"
    assert SPANISH.stored("Padrón municipal 2025, {folio} 3") == "Padrón municipal 2025, {folio} 3"
    assert SPANISH.stored("") == ""


def test_no_stored_text_of_the_demonstration_holds_two_languages():
    files = [file for file in DEMO.rglob("*") if file.suffix in (".py", ".yaml", ".csv")]
    assert [file.name for file in files if " · " in file.read_text(encoding="utf-8")] == []
    assert all(SPANISH.stored(text) != text for text in TEXTS.values())


def test_the_provenance_line_is_in_one_language():
    found = RoundInfo(
        1, "2026-1", None, None, TEXTS["coverage_area"], 1.0, True, 10, 30, TEXTS["site_source"], "published"
    )
    spanish = " ".join(round_sources(found, SPANISH))
    assert "todo el distrito sintético" in spanish
    assert "Datos sintéticos: generados" in spanish
    assert "synthetic" not in spanish.lower().replace("sintétic", "")
    assert "the whole synthetic district" in " ".join(round_sources(found, ENGLISH))


@pytest.mark.parametrize(("context", "word"), [(SPANISH, "supuesto"), (ENGLISH, "assumption")])
def test_an_assumption_stays_marked_in_both_languages(context, word):
    need = ServedNeed("WATER", {"es": "Agua"}, "need", 0.9, 0.9, "linear", "assumption: connected homes")
    programme = ProgrammeInfo(
        **{
            **dict.fromkeys(ProgrammeInfo.__dataclass_fields__),
            "code": "taps",
            "name": {"es": "Caños"},
            "durability_years": 1,
            "sources": {"unit_cost": "assumption: tankers"},
            "serves": (need,),
            "lines": (),
        }
    )
    card = programme_card(programme, 2026, context)
    assert card.facts[0].is_assumption
    assert card.facts[0].source.startswith(f"{word}:")
    assert card.serves[0][-1].startswith(f"{word}:")
