"""Numbers as Peru and English write them, and catalogues that keep up with the code."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import parse_pattern
from hypothesis import given
from hypothesis import strategies as st

from dashboard.i18n import LANGUAGES, TRANSLATIONS, Formats, translate, translate_plural
from dashboard.i18n_extract import DOMAINS, in_formatted_strings, is_complete, messages_in_code, read_catalogue
from data.messages import catalogue

ES, EN = Formats("es"), Formats("en")
NB, MINUS = "\u00a0", "\u2212"


def test_money_does_not_break_after_its_symbol_in_either_language():
    assert ES.money(Decimal("1234.5"), "PEN", 2) == f"S/{NB}1,234.50"
    assert EN.money(Decimal("1234.5"), "PEN", 2) == f"S/{NB}1,234.50"
    assert ES.money(Decimal("1234.5"), "KES", 2) == f"KES{NB}1,234.50"


def test_money_is_exact_beyond_what_floats_hold():
    assert ES.money(Decimal("90071992547409.93"), "PEN", 2) == f"S/{NB}90,071,992,547,409.93"


@pytest.mark.parametrize("formats", [ES, EN])
@given(
    value=st.one_of(
        st.integers(-(10**15), 10**15),
        st.floats(-1e12, 1e12),
        st.decimals(-(10**15), 10**15, places=4, allow_nan=False),
    ),
    decimals=st.integers(0, 4),
)
def test_numbers_are_written_as_the_locale_data_of_babel_has_them(formats, value, decimals):
    pattern = parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))
    exact = value if isinstance(value, Decimal) else Decimal(str(float(value)))
    rounded = round(exact, decimals) + Decimal(0)  # half to even, and no −0
    expected = pattern.apply(rounded, formats.locale).replace("-", MINUS)
    assert formats.number(value, decimals) == expected


def test_minus_signs_are_true_and_stand_before_the_symbol():
    assert ES.money(Decimal("-5"), "PEN") == f"{MINUS}S/{NB}5"
    assert ES.points(-0.0712) == f"{MINUS}7.12{NB}pp"
    assert ES.signed(-3) == f"{MINUS}3"


def test_shares_have_a_space_in_spanish_and_none_in_english():
    assert ES.share(0.457) == f"45.7{NB}%"
    assert EN.share(0.457) == "45.7%"


def test_gaps_show_their_sign_and_nothing_is_minus_zero():
    assert ES.points(0.0712) == f"+7.12{NB}pp"
    assert ES.points(-0.00001) == f"0.00{NB}pp"


def test_a_difference_has_one_decimal_more_than_the_shares_beside_it():
    """14.24 and 12.66 are written 14.2 and 12.7: their difference 1.58 would look wrong as 1.6."""
    assert [EN.share(0.1424), EN.share(0.1266), EN.points(0.1424 - 0.1266)] == ["14.2%", "12.7%", f"+1.58{NB}pp"]


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_missing_is_an_en_dash_and_never_zero(missing):
    assert {ES.number(missing), ES.share(missing), ES.money(missing, "PEN"), ES.points(missing)} == {"–"}


def test_a_million_is_short_on_tiles_and_less_is_written_out():
    assert ES.millions(Decimal("203605168"), "PEN") == f"S/{NB}203.6{NB}M"
    assert ES.millions(Decimal("250000"), "PEN") == f"S/{NB}250,000"


def test_dates_are_in_words():
    assert ES.date(date(2026, 11, 23)) == "23 de noviembre de 2026"
    assert EN.date(date(2026, 11, 23)) == "November 23, 2026"


def test_languages_are_independent_of_each_other():
    assert translate("es", "Needs") == "Necesidades"
    assert translate("en", "Needs") == "Needs"


def test_plurals_follow_the_number():
    forms = ("{number} year", "{number} years")
    assert translate_plural("es", *forms, 1, number="1") == "1 año"
    assert translate_plural("es", *forms, 20, number="20") == "20 años"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_translated_and_none_is_fuzzy_or_left_over(language):
    for domain, messages in messages_in_code().items():
        entries = {entry.id: entry for entry in read_catalogue(language, domain) if entry.id}
        known = {tuple(key) if isinstance(key, list | tuple) else key for key in entries}
        assert known == set(messages), f"run python -m dashboard.i18n_extract ({language}, {domain})"
        lacking = [key for key, entry in entries.items() if entry.fuzzy or not is_complete(entry.string)]
        assert lacking == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_translations_have_the_same_places_for_facts(language, domain):
    for entry in read_catalogue(language, domain):
        pairs = zip(entry.id, entry.string, strict=True) if entry.pluralizable else [(entry.id, entry.string)]
        for message, translation in pairs:
            if message:
                assert places(translation) == places(message), message


def test_a_message_of_documents_and_of_pages_has_one_translation():
    """Pages read both catalogues as one: which of two translations is shown must not depend on their order."""
    documents, pages = catalogue("es"), catalogue("es", TRANSLATIONS)
    differing = {key: (documents[key], pages[key]) for key in documents.keys() & pages.keys()}
    assert {key: pair for key, pair in differing.items() if pair[0] != pair[1]} == {}


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_messages_inside_formatted_strings_are_found_too():
    code = """title = f"{site} · {_('Map').lower()} {context.gettext('Year')} {_(names[code])} {len('x')}" """
    assert sorted(in_formatted_strings(code)) == ["Map", "Year"]
