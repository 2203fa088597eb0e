"""Claim: with all 1,891 municipalities of Peru over two years, ranking, drill-down and per-capita take under 300 ms.

    python -m benchmarks.municipal_pages [--times 7] [--browser [--real FOLDER]]

The whole answer of the server to a visitor who has logged in: session, roles, database, page, JSON; the median and the
largest of several, on the clock and as processor time (other programs of the machine count in the first alone). Beside
it the peer: the same ranking by pandas from the table already in memory, which has no page and no roles.

`--browser` drives Chromium: from the click (or the choice) to the moment at which the new content is painted, for
answers that the server has not given before and those that it keeps ready alike. `--real` takes the files of the
ministry and of the districts from a folder (`budget/…`, `geo/…`) in place of made amounts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services, open_store
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.migrate import migrate
from data.store.municipalities import replace_population, save_budgets
from data.store.sites import add_site

MUNICIPALITIES, YEARS, LIMIT_MS = 1_891, (2024, 2025), 300.0
SITE, PAGE = "bench", "/es/bench/municipalities"
CONTENT = "..municipalities-content.children...municipalities-downloads.children.."


def budgets() -> list[dict[str, Any]]:
    """Made amounts: the page takes as long for them as for real ones."""
    return [
        {
            "year": year,
            "code": f"{district(number)}-{300_000 + number}",
            "name": f"MUNICIPALIDAD DISTRITAL DE LUGAR {number}",
            "department": f"{number % 25 + 1:02d}: DEPARTAMENTO {number % 25 + 1}",
            "province": f"PROVINCIA {number % 196}",
            "governs": "province" if number % 10 == 0 else "district",
            "pia": Decimal(1_000_000 + number * 7_919 % 900_001),
            "pim": Decimal(1_500_000 + number * 6_007 % 900_001),
            "certified": None,
            "committed": None,
            "accrued": Decimal(700_000 + (number * 4_513 + year) % 800_001),
            "paid": None,
        }
        for year in YEARS
        for number in range(MUNICIPALITIES)
    ]


def district(number: int) -> str:
    return f"{number % 25 + 1:02d}{number // 25:04d}"


def fill(url: str, folder: str) -> Any:
    migrate(url)
    store = open_store(StoreSettings(url, Path(folder)))
    people = [{"code": district(number), "year": 2020, "persons": 5_000 + number} for number in range(MUNICIPALITIES)]
    people = [{**one, "women": None, "men": None} for one in people]
    with transaction(store.factory) as session:
        add_site(session, slug=SITE, name="Bench", country="PE", currency="PEN", actor="benchmark")
        save_budgets(session, "PE", budgets(), "made.csv", "benchmark")
        replace_population(session, "PE", people, "made")
    return store


def opened(client: Any, search: str) -> Any:
    """The callback that fills the page, as the browser asks for it."""
    return ask(client, "page-content.children", [("location", "pathname", PAGE)], [("location", "search", search)])


def ranked(client: Any, measure: str) -> Any:
    chosen = {"year": str(YEARS[1]), "by": measure, "prices": "nominal", "department": "all", "size": "all"}
    chosen |= {"governs": "all", "scheme": "eu_eige", "province": ""}
    inputs = [(f"municipalities-{name}", "value", value) for name, value in chosen.items()]
    return ask(client, CONTENT, inputs, [("location", "pathname", PAGE)])


def ask(client: Any, output: str, inputs: list[Any], state: list[Any]) -> Any:
    parts = [part.rpartition(".") for part in output.strip(".").split("...")]
    outputs = [{"id": name, "property": prop} for name, _dot, prop in parts]
    told = [[{"id": name, "property": prop, "value": value} for name, prop, value in many] for many in (inputs, state)]
    body = {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": told[0],
        "state": told[1],
        "changedPropIds": [f"{inputs[0][0]}.{inputs[0][1]}"],
    }
    answer = client.post("/_dash-update-component", json=body, headers={"X-CSRFToken": token(client)})
    if answer.status_code != 200 or not answer.get_json()["response"]:  # a refusal is quick, and no answer
        raise SystemExit(f"{output}: {answer.status_code} {answer.text[:300]}")
    return answer


def token(client: Any) -> str:
    if client.get_cookie("_csrf_token") is None:
        client.get("/es/")
    return str(client.get_cookie("_csrf_token").value)


def milliseconds(act: Callable[[], Any], times: int) -> tuple[list[float], list[float]]:
    wall, own = [], []
    for _time in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        act()
        wall.append((time.perf_counter() - start) * 1000)
        own.append((time.process_time() - cpu) * 1000)
    return wall, own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--browser", action="store_true", help="also from click to painted, in Chromium")
    parser.add_argument("--real", type=Path, help="folder with the real files, for --browser")
    asked = parser.parse_args()
    times = asked.times
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        store = fill(url, folder)
        app = create_app(Settings(StoreSettings(url, Path(folder)), "k" * 40), make_services(store))
        client = app.server.test_client()
        one = f"?municipality={district(7)}-300007"
        questions = {
            "ranking, first page": lambda: opened(client, ""),
            "ranking by execution": lambda: ranked(client, "execution"),
            "per inhabitant": lambda: ranked(client, "accrued_per_person"),
            "one municipality": lambda: opened(client, one),
        }
        print(f"{MUNICIPALITIES:,} municipalities, {len(YEARS)} years")
        for name, act in questions.items():
            act()  # what is read once a process
            wall, own = milliseconds(act, times)
            middle = statistics.median(wall)
            mark = "" if middle < LIMIT_MS else f"  above {LIMIT_MS:.0f} ms"
            print(f"{name:22} median {middle:5.0f} ms, largest {max(wall):5.0f}, processor {min(own):5.0f}{mark}")
        frame = pd.DataFrame(budgets()).astype({"pim": float, "accrued": float})
        newest = frame[frame["year"] == YEARS[1]]
        peer, _own = milliseconds(lambda: (newest["accrued"] / newest["pim"]).rank(ascending=False), times)
        print(f"{'pandas, rank alone':22} median {statistics.median(peer):5.1f} ms")
        store.factory.kw["bind"].dispose()
    if asked.browser:
        from benchmarks.municipal_browser import measure_in_browser

        measure_in_browser(fill, SITE, times, asked.real)


if __name__ == "__main__":
    main()
