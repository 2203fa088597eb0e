"""Photos and places on the pages of proposals: who sees them, how officials send them, what is refused in words."""

from __future__ import annotations

import html
import io
import json
import re

import pytest
from PIL import Image

from data.readers.photos import read_photo
from data.workflows.proposals import save_proposal
from tests.dashboard_seed import make_store
from tests.data.test_proposal_photos import bomb, picture, with_gps
from tests.map_site import add_map
from tests.support import form_body, store_fingerprint

FIELDS = {"year": "2027", "seen": "0", "code": "A", "title_es": "Agua limpia", "zone": "S1", "photo_text_es": "Un caño"}
PLACE = {"latitude": "-12.195", "longitude": "-76.945"}
REVIEWED = {"state": "feasible", "reason": "Se puede", "cost": "60"}


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    add_map(made)
    yield made
    made.factory.kw["bind"].dispose()


def save(visitor, content=None, name="foto.jpg", **fields):
    data = {"csrf_token": visitor.token(), **FIELDS, **fields}
    if content is None:
        return visitor.client.post("/es/valle/proposals/save", **form_body(data))
    data["photo_file"] = (io.BytesIO(content), name)
    return visitor.client.post("/es/valle/proposals/save", data=data, content_type="multipart/form-data")


def text_of(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_photo_of_the_form_is_shown_without_what_the_camera_noted(visit_own):
    ana, stranger = visit_own("ana"), visit_own(None)
    assert save(ana, with_gps((900, 600)), **PLACE, **REVIEWED).status_code == 303
    page = stranger.get("/es/valle/phone/proposals/A")
    sources = re.findall(r'<img src="([^"]+)" alt="([^"]+)" width="(\d+)" height="(\d+)"', page.text)
    assert [(alt, width, height) for _src, alt, width, height in sources] == [("Un caño", "480", "320")]
    shown = stranger.get(html.unescape(sources[0][0]))
    assert (shown.mimetype, shown.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    with Image.open(io.BytesIO(shown.data)) as kept:
        assert (kept.size, dict(kept.getexif())) == ((480, 320), {})
    assert "Sector S1; latitud -12.195000, longitud -76.945000" in text_of(page)
    assert 'aria-label="Mapa del lugar: Sector S1; latitud -12.195000, longitud -76.945000"' in page.text
    assert page.text.count("<circle") == 1
    assert stranger.get("/es/valle/phone/proposals/A/map.svg").mimetype == "image/svg+xml"
    assert "small.jpg" in stranger.get("/es/valle/phone/proposals").text
    with_charts = json.dumps(stranger.open("/es/valle/proposals", "?code=A").get_json(), ensure_ascii=False)
    assert "small.jpg" in with_charts
    assert "map.svg" in with_charts


def test_a_change_keeps_photo_and_place_until_they_are_taken_away(visit_own):
    ana = visit_own("ana")
    save(ana, picture(), **PLACE, **REVIEWED)
    form = json.dumps(ana.open("/es/valle/proposals", "?code=A").get_json())
    sha = read_photo(picture(), "foto.jpg").sha256
    assert sha in form
    assert '"-12.195000"' in form
    kept = {"seen": "1", "photo": sha, "photo_stays": "keep", "title_es": "Otra", **PLACE, **REVIEWED}
    assert save(ana, **kept).status_code == 303
    assert "small.jpg" in ana.get("/es/valle/phone/proposals/A").text
    gone = {**kept, "seen": "2", "photo_stays": "remove", "latitude": "", "longitude": "", "zone": "-"}
    assert save(ana, **gone).status_code == 303
    page = ana.get("/es/valle/phone/proposals/A")
    assert "small.jpg" not in page.text
    assert "<svg" not in page.text
    address = f"/es/valle/phone/photo/{sha}/small.jpg?year=2027"
    assert visit_own(None).get(address).status_code == 404  # only the photos that stand now are the public's


def test_the_public_does_not_see_photos_of_what_is_not_feasible(visit_own, own_store):
    read = read_photo(picture(), "foto.jpg")
    save_proposal(own_store.factory, "valle", 2027, {"title_es": "Agua", "photo_text_es": "x"}, "ana", photo=read)
    address = f"/es/valle/phone/photo/{read.sha256}/large.jpg?year=2027"
    assert visit_own(None).get(address).status_code == 404
    assert visit_own("beto").get(address).status_code == 404
    assert visit_own("ana").get(address).status_code == 200
    assert visit_own("ana").get(address.replace("large", "huge")).status_code == 404
    assert visit_own("ana").get(address.replace("2027", "x")).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"MZ" + bytes(9000), "foto.jpg", "no es una foto que se pueda leer"),
        (b"<svg onload='alert(1)'/>", "foto.png", "no es una foto que se pueda leer"),
        (picture() + b"<script>alert(1)</script>", "foto.jpg", "a la vez otra cosa"),
        (picture(size=(900, 600))[:900], "foto.jpg", "se cortó en el camino"),
        (bomb(), "foto.png", "millones de píxeles"),
    ],
)
def test_what_is_no_photo_is_refused_in_words_and_nothing_is_stored(visit_own, own_store, content, name, told):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    refused = save(ana, content, name)
    assert refused.status_code == 400
    assert told in text_of(refused)
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_five_megabytes_of_text_are_refused_with_what_is_allowed(visit_own, own_store):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    refused = save(ana, description_es="x" * 5_000_000)
    assert refused.status_code == 400
    assert "se permiten 5000" in text_of(refused)
    assert len(refused.data) < 20_000
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_what_is_larger_than_any_form_is_refused_in_words(visit_own, own_store):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    beyond = save(ana, description_es="x" * 12_000_000)
    assert beyond.status_code == 413
    assert "Acorte los textos" in text_of(beyond)
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


@pytest.mark.parametrize("login", [None, "beto", "carla"])
def test_a_photo_of_somebody_without_the_role_is_not_even_opened(visit_own, own_store, login):
    refused = save(visit_own(login), b"MZ")
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"latitude": "-12.195", "longitude": "-70"}, "no está dentro del municipio"),
        ({"latitude": "-12.195", "longitude": "-76.935"}, "El lugar está en Sector S2 y no en Sector S1"),
        ({"latitude": "-12.195", "longitude": ""}, "necesita latitud y longitud"),
    ],
)
def test_a_place_elsewhere_is_refused_in_words(visit_own, place, told):
    assert told in text_of(save(visit_own("ana"), **place))
