"""Photos and places of proposals: only the picture stays, everything else is refused, nothing is stored by halves."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import func, select

from budget_model.errors import InputError
from data.commands.proposals import proposals
from data.readers import photos
from data.readers.photos import read_photo
from data.store.assembly import find_process, list_proposal_versions, load_photo
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import Area, AssemblyPhoto, AssemblyProposal
from data.workflows.proposals import export_proposals, give_photo, import_proposals, save_proposal
from tests.map_site import square
from tests.store_builders import make_place
from tests.support import store_fingerprint

GPS = 0x8825
CELLS = {"title_es": "Agua", "photo_text_es": "Un caño roto"}


def picture(kind="JPEG", size=(64, 48), colour=(200, 30, 30), **options):
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def with_gps(size=(64, 48), orientation=1):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS).update({1: "S", 2: (12.0, 13.0, 14.0), 3: "W", 4: (76.0, 56.0, 1.0)})
    return picture(size=size, exif=exif, comment=b"Rosa Quispe, Mz. K Lt. 4", icc_profile=b"profile " * 20)


def bomb():
    """A PNG of a few kilobytes that says 60,000 x 60,000 pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9000)) + chunk(b"IEND", b"")
    )


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def archive():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("run.js", "alert(1)")
    return buffer.getvalue()


def rule_of(content, file="foto.jpg"):
    with pytest.raises(InputError) as refused:
        read_photo(content, file)
    return refused.value.problems[0].rule


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_a_jpeg_in_two_sizes(kind):
    read = read_photo(picture(kind, (2000, 1000)), "foto")
    assert (read.width, read.height) == (1600, 800)
    with Image.open(BytesIO(read.small)) as small:
        assert (small.format, small.size) == ("JPEG", (480, 240))
        red, green, _blue = small.getpixel((200, 100))
        assert red > 180
        assert green < 60


def test_place_camera_comment_and_profile_are_gone():
    sent = with_gps()
    assert Image.open(BytesIO(sent)).getexif().get_ifd(GPS)  # it was there
    read = read_photo(sent, "foto.jpg")
    for content in (read.content, read.small):
        with Image.open(BytesIO(content)) as kept:
            assert dict(kept.getexif()) == {}
            assert not {"exif", "comment", "icc_profile", "xmp"} & set(kept.info)
        for trace in (b"Exif", b"PhoneMaker", b"Rosa Quispe", b"profile", b"GPS"):
            assert trace in sent or trace == b"GPS"
            assert trace not in content


def test_texts_of_a_png_are_gone():
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", "Rosa Quispe")
    assert b"Rosa" not in read_photo(picture("PNG", pnginfo=told), "foto.png").content


def test_a_photo_taken_upright_stands_upright():
    read = read_photo(with_gps(size=(64, 48), orientation=6), "foto.jpg")
    assert (read.width, read.height) == (48, 64)


def test_what_is_transparent_becomes_white():
    buffer = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(buffer, "PNG")
    with Image.open(BytesIO(read_photo(buffer.getvalue(), "foto.png").content)) as kept:
        assert kept.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "photo-empty"),
        (b"MZ" + bytes(5000), "photo-kind"),
        (b"\x7fELF" + bytes(5000), "photo-kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "photo-kind"),
        (b"%PDF-1.7\n", "photo-kind"),
        (b"GIF89a" + bytes(60), "photo-kind"),
        (archive(), "photo-kind"),
        (picture() + archive(), "photo-double"),
        (picture(comment=b"<script>alert(1)</script>"), "photo-double"),
        (picture(comment=b"%PDF-1.4 1 0 obj"), "photo-double"),
        (picture("PNG") + b"<?php system($_GET['c']); ?>", "photo-double"),
        (picture(size=(400, 300))[:700], "photo-broken"),
        (picture("PNG", (400, 300))[:-300], "photo-broken"),
        (picture("WEBP", (400, 300))[:-60], "photo-broken"),
        (picture(size=(16, 400)), "photo-small"),
        (bomb(), "photo-pixels"),
        (picture("PNG", (6000, 6000)), "photo-pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[:6]!r}{len(value)}",
)
def test_what_is_no_whole_photo_is_refused_with_a_sentence(content, rule):
    assert rule_of(content, "program.exe.jpg") == rule


def test_a_file_that_is_too_large_is_refused_before_it_is_looked_at(monkeypatch):
    monkeypatch.setattr(photos, "MOST_BYTES", 1000)
    assert rule_of(picture("PNG", (400, 300), (1, 2, 3)) + bytes(2000)) == "photo-large"


# --- beside a proposal -----------------------------------------------------------------------------------------------


@pytest.fixture
def site(factory):
    with transaction(factory) as session:
        place = make_place(session)
        areas = {one.code: one for one in session.scalars(select(Area).where(Area.site_id == place.site.id))}
        areas["north"].geometry = square(-76.95, -12.2)
    return "lomas"


def versions(factory, code="P-01"):
    with factory() as session:
        process = find_process(session, load_site(session, "lomas").id, 2027)
        return list_proposal_versions(session, process.id, code)


def save(factory, photo=None, **cells):
    return save_proposal(factory, "lomas", 2027, {**CELLS, **cells}, "ana", photo=photo)


def test_a_proposal_comes_with_its_photo_in_one_transaction(factory, site):
    read = read_photo(with_gps(), "foto.jpg")
    code = save(factory, read)
    row = versions(factory, code)[0]
    assert (row.photo_sha256, row.photo_text) == (read.sha256, {"es": "Un caño roto"})
    with factory() as session:
        assert load_photo(session, row.process_id, read.sha256).content == read.content
    save(factory, read)
    with factory() as session:
        assert session.scalar(select(func.count()).select_from(AssemblyPhoto)) == 1  # the same picture is kept once


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"title_es": "x" * 5_000_000}, "proposal-long"),
        ({"description_es": "x" * 5_000_000}, "proposal-long"),
        ({"photo_text_es": ""}, "proposal-photo-text"),
        ({"longitude": "-76.945"}, "proposal-half-place"),
        ({"longitude": "-76.945", "latitude": "95"}, "proposal-degrees"),
        ({"longitude": "-76.945", "latitude": "12,2"}, "proposal-degrees"),
        ({"longitude": "-76.9", "latitude": "-12.195"}, "proposal-outside"),
    ],
)
def test_what_is_refused_leaves_neither_proposal_nor_photo(factory, engine, site, cells, rule):
    before = store_fingerprint(engine)
    with pytest.raises(InputError) as refused:
        save(factory, read_photo(picture(), "foto.jpg"), **cells)
    assert rule in {one.rule for one in refused.value.problems}
    assert len(str(refused.value)) < 2000
    assert store_fingerprint(engine) == before


def test_a_place_lies_in_the_site_and_in_its_zone(factory, site):
    code = save(factory, zone="north", longitude="-76.9451234567", latitude="-12.195")
    row = versions(factory, code)[0]
    assert (str(row.longitude), str(row.latitude)) == ("-76.945123", "-12.195000")
    with transaction(factory) as session:
        session.scalars(select(Area).where(Area.code == "south")).one().geometry = square(-76.94, -12.2)
    with pytest.raises(InputError) as refused:
        save(factory, zone="south", longitude="-76.945", latitude="-12.195")
    assert refused.value.problems[0].rule == "proposal-other-zone"


def test_a_site_without_a_map_takes_no_place(factory):
    with transaction(factory) as session:
        make_place(session)
    with pytest.raises(InputError) as refused:
        save(factory, longitude="-76.945", latitude="-12.195")
    assert refused.value.problems[0].rule == "proposal-no-map"


def test_a_form_that_is_sent_twice_counts_once(factory, site):
    first = save_proposal(factory, "lomas", 2027, CELLS, "ana", sent_key="k" * 32)
    again = save_proposal(factory, "lomas", 2027, CELLS, "ana", sent_key="k" * 32)
    other = save_proposal(factory, "lomas", 2027, CELLS, "ana", sent_key="m" * 32)
    assert (first, again, other) == ("P-01", "P-01", "P-02")
    with factory() as session:
        assert session.scalar(select(func.count()).select_from(AssemblyProposal)) == 2


def test_an_export_comes_in_again_as_it_was_and_an_older_table_takes_nothing_away(factory, site, tmp_path):
    read = read_photo(picture(), "foto.jpg")
    save(factory, read, longitude="-76.945", latitude="-12.195")
    for name in ("out.csv", "out.xlsx"):
        export_proposals(factory, "lomas", 2027, tmp_path / name)
        assert import_proposals(factory, "lomas", 2027, tmp_path / name, "ana").unchanged == ("P-01",)
    older = tmp_path / "older.csv"
    older.write_text("code,title_es\nP-01,Agua limpia\n", encoding="utf-8")
    assert import_proposals(factory, "lomas", 2027, older, "ana").changed == ("P-01",)
    newest = versions(factory)[0]
    assert (newest.title["es"], newest.photo_sha256, str(newest.longitude)) == (
        "Agua limpia",
        read.sha256,
        "-76.945000",
    )
    taking = tmp_path / "taking.csv"
    taking.write_text("code,title_es,photo,longitude,latitude\nP-01,Agua limpia,,,\n", encoding="utf-8")
    import_proposals(factory, "lomas", 2027, taking, "ana")
    assert (versions(factory)[0].photo_sha256, versions(factory)[0].longitude) == (None, None)


def test_a_photo_that_is_not_here_cannot_be_named(factory, engine, site, tmp_path):
    save(factory)
    before = store_fingerprint(engine)
    file = tmp_path / "named.csv"
    file.write_text(f"code,title_es,photo,photo_text_es\nP-01,Agua,{'a' * 64},Un caño\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        import_proposals(factory, "lomas", 2027, file, "ana")
    assert (refused.value.problems[0].rule, refused.value.problems[0].line) == ("proposal-photo-name", 2)
    assert store_fingerprint(engine) == before


def test_a_proposal_that_is_there_gets_a_photo_as_its_next_version(factory, site):
    save(factory, cost="100", state="feasible", reason="Sí")
    read = read_photo(picture(), "foto.jpg")
    assert give_photo(factory, "lomas", 2027, "P-01", read, {"es": "Un caño"}, "ana") == 2
    newest = versions(factory)[0]
    assert (newest.version, newest.state, newest.photo_sha256) == (2, "feasible", read.sha256)
    assert json.dumps(newest.photo_text, ensure_ascii=False) == '{"es": "Un caño"}'
    assert give_photo(factory, "lomas", 2027, "P-01", read, {"es": "Un caño"}, "ana") == 2  # nothing new, no version


def test_the_command_gives_a_photo_and_refuses_what_is_none(factory, site, database_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", database_url)
    save(factory)
    good, bad = tmp_path / "foto.jpg", tmp_path / "program.jpg"
    good.write_bytes(with_gps())
    bad.write_bytes(b"MZ" + bytes(3000))
    command = ["photo", "lomas", "2027", "P-01"]
    done = CliRunner().invoke(proposals, [*command, str(good), "--text", "Un caño", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["version"] == 2
    refused = CliRunner().invoke(proposals, [*command, str(bad), "--text", "Un caño"])
    assert refused.exit_code != 0
    assert "It is a program, whatever its name says" in refused.output
    assert len(versions(factory)) == 2
