"""Addresses, languages, headers, and the traps of Dash 4.4."""

from __future__ import annotations

import json
import re
from pathlib import Path

import brotli
import pytest

from dashboard.components import graph
from dashboard.context import PageContext
from dashboard.delivery import CompressedFiles

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("wanted", "language"), [("en-GB,en", "en"), ("es-PE", "es"), ("fr", "es"), ("", "es")])
def test_the_root_leads_to_the_language_of_the_browser_and_otherwise_to_spanish(visit, wanted, language):
    answer = visit(None).get("/", headers={"Accept-Language": wanted})
    assert answer.location == f"/{language}/"


@pytest.mark.parametrize("language", ["es", "en"])
def test_pages_say_their_language_and_offer_the_other_one_at_the_same_place(visit, language):
    other = {"es": "en", "en": "es"}[language]
    html = visit(None).get(f"/{language}/valle/needs?dimension=water").text
    assert f'<html lang="{language}">' in html
    assert f'href="/{other}/valle/needs?dimension=water" hreflang="{other}" lang="{other}"' in html


def test_title_skip_link_landmarks_and_current_page_are_in_the_first_answer(visit):
    html = visit("ana").get("/es/valle/needs").text
    assert "<title>Necesidades · Valle Sintético" in html
    assert html.index("skip-link") < html.index("<header") < html.index("<nav") < html.index('<main id="main"')
    assert html.count('aria-current="page"') == 1
    assert 'href="/es/valle/needs" aria-current="page"' in html


@pytest.mark.parametrize("path", ["/fr/", "/es/atlantis/", "/es/valle/nothing", "/es/valle/needs/x/y"])
def test_addresses_that_lead_nowhere_are_404_in_words(visit, path):
    answer = visit(None).get(path)
    assert answer.status_code == 404
    assert "No hay nada en esta dirección" in answer.text


def test_synthetic_sites_say_so_on_every_page_and_others_do_not(visit):
    ana = visit("ana")
    for page in ("", "needs", "budget", "programmes"):
        assert "Datos sintéticos" in ana.get(f"/es/valle/{page}").text
    assert "Datos sintéticos" not in ana.get("/es/pampa/").text


def test_navigation_shows_what_the_person_may_see(visit):
    assert "/es/valle/budget" not in visit(None).get("/es/valle/").text
    assert "/es/valle/budget" in visit("ana").get("/es/valle/").text


def test_plotly_is_loaded_first_and_from_here(visit):
    html = visit(None).get("/es/valle/").text
    assert html.index("plotly-basic.min.js") < html.index("dash-renderer")
    assert 'src="http' not in html
    assert "defer" not in html


def test_only_the_wanted_component_libraries_are_loaded(visit):
    scripts = " ".join(re.findall(r'<script src="([^"]*)"', visit(None).get("/es/valle/").text))
    assert "dash-renderer" in scripts
    assert not re.search(r"ag_grid|leaflet|plotly\.min\.js", scripts)


def test_the_first_request_after_a_start_finds_every_script(visit):
    """The factory has already asked once; else Dash 4.4.1 fails some scripts of the first page load."""
    stranger = visit(None)
    html = stranger.get("/es/").text
    scripts = [part.split('"')[0] for part in html.split('src="')[1:]]
    assert len(scripts) > 8
    assert {stranger.get(script).status_code for script in scripts} == {200}


def test_callbacks_are_not_dispatched_asynchronously(app):
    assert app._use_async is False


def test_every_chart_is_without_a_button_that_sends_it_away():
    config = graph("x", {}, PageContext("es")).config
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["locale"] == "es-PE"


@pytest.mark.parametrize("word", ["dcc.Slider", "dcc.RangeSlider", "background=True", "go.Choropleth", "Scattergeo"])
def test_what_was_found_to_bite_is_not_used(word):
    files = [f for f in (ROOT / "dashboard").rglob("*.py") if word in f.read_text(encoding="utf-8")]
    assert files == []


def test_charts_are_made_in_one_place():
    made = [f.name for f in (ROOT / "dashboard").rglob("*.py") if "dcc.Graph(" in f.read_text(encoding="utf-8")]
    assert made == ["figures.py"]


def test_answers_carry_the_protecting_headers(visit):
    headers = visit(None).get("/es/").headers
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_files_are_compressed_once_and_keep_their_content(visit):
    stranger = visit(None)
    plain = stranger.get("/assets/10-theme.css?m=1")
    packed = stranger.get("/assets/10-theme.css?m=1", headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert brotli.decompress(packed.data) == plain.data
    assert "immutable" in packed.headers["Cache-Control"]


def test_compressed_files_are_known_by_their_key_and_bounded():
    files = CompressedFiles(most=2)
    assert brotli.decompress(files.body("a?m=1", b"first")) == b"first"
    assert brotli.decompress(files.body("a?m=2", b"second")) == b"second"
    files.body("b", b"third")
    assert len(files) == 2


def test_an_unforeseen_failure_shows_a_reference_and_no_trace(visit, services, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(services.overview), "overview", broken)
    answer = visit("ana").open("/es/valle/")
    assert answer.status_code == 200
    text = json.dumps(answer.json, ensure_ascii=False)
    assert "secret detail" not in text
    reference = text.partition("Referencia: ")[2][:8]
    assert reference in caplog.text
    assert "secret detail" in caplog.text
