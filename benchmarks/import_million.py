"""Imports a generated export of a million household members and says what memory it took.

Two ways in, each in a process of its own: with the form (the CBMS-GRB questionnaire; households and members as Kobo
writes them, a CSV a repeat) and by a mapping (the same two tables under plain names). The files are generated first and
not counted. Peak memory is the largest resident set of the process, as Linux counts it (`VmHWM`).

    python benchmarks/import_million.py --members 1000000
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from budget_model.survey.questions import Form, Question
from data.settings import PROJECT
from data.workflows.forms import core_form

LIMIT_GB = 4.0
MEAN_SIZE = 3.7
SECTORS = 12
FORM = PROJECT / "data" / "instruments" / "cbms_grb"
MAPPING = """source: generated for a benchmark
coverage: {{area: nowhere}}
design: {{census: true}}
areas: [{{column: sector, file: households, name: sector}}]
persons: {{{key}sex: {{column: sex, values: {{female: female, male: male}}}}, age: {{column: age}}}}
households: {{{home}}}
derive: {{members_counted: {{count: persons}}, has_child: {{any: age < 18, among: age IS NOT NULL}}}}
"""


def answer(question: Question, form: Form, size: int, generator: np.random.Generator) -> pl.Series | None:
    """Answers of a question as an export writes them, one in twelve missing; None for what is not generated."""
    missing = generator.random(size) < 1 / 12
    if question.is_select:
        codes = [choice.name for choice in form.choices(question)]
        drawn = pl.Series(codes).gather(generator.integers(0, len(codes), size))
        if question.kind == "select_multiple":
            drawn = drawn + " " + pl.Series(codes).gather(generator.integers(0, len(codes), size))
    elif question.kind in ("integer", "calculate", "decimal", "range"):
        drawn = pl.Series(generator.integers(0, 90, size)).cast(pl.String)
    elif question.kind == "date":
        drawn = pl.Series(["2026-03-01"]).gather(np.zeros(size, dtype=np.int64))
    else:
        return None
    return pl.select(pl.when(pl.Series(missing)).then(pl.lit("")).otherwise(drawn)).to_series()


def table(form: Form, level: tuple[str, ...], size: int, generator: np.random.Generator) -> dict[str, pl.Series]:
    columns = {}
    for question in form.at(level):
        values = answer(question, form, size, generator)
        if values is not None:
            columns["/".join(question.path)] = values
    return columns


def generate(folder: Path, members: int) -> None:
    """households.csv and members.csv as Kobo splits an export; people.csv and homes.csv under plain names."""
    generator, form = np.random.default_rng(1), core_form("cbms_grb")
    assert form.members
    homes = int(members / MEAN_SIZE)
    owner = np.sort(generator.integers(0, homes, members)) + 1
    sectors = pl.Series([f"S{number:02}" for number in range(SECTORS)])
    uuid = pl.Series([f"{number:032x}" for number in generator.integers(1, 2**62, homes)])
    of_home = table(form, (), homes, generator)
    of_home |= {name: sectors.gather(generator.integers(0, SECTORS, homes)) for name in of_home if name == "sector"}
    of_home |= {"sector": of_home.get("sector", sectors.gather(generator.integers(0, SECTORS, homes)))}
    of_home |= {"_uuid": uuid, "_index": pl.Series(range(1, homes + 1))}
    of_person = table(form, form.members, members, generator)
    sexes = pl.Series(["female", "male"]).gather(generator.integers(0, 2, members))
    of_person |= {name: sexes for name in of_person if name.endswith("/sex")}
    of_person |= {"_index": pl.Series(range(1, members + 1)), "_parent_index": pl.Series(owner)}
    households, people = pl.DataFrame(of_home), pl.DataFrame(of_person)
    households.write_csv(folder / "household.csv")
    people.write_csv(folder / "members.csv")
    plain = {name: name.rpartition("/")[2] for name in (*of_home, *of_person)}
    households.rename({name: plain[name] for name in of_home}).rename({"_index": "home"}).drop("_uuid").write_csv(
        folder / "homes.csv"
    )
    renamed = people.rename({name: plain[name] for name in of_person}).drop("_index")
    renamed.rename({"_parent_index": "home"}).write_csv(folder / "people.csv")
    (folder / "form.yaml").write_text(MAPPING.format(key="", home=""), encoding="utf-8")
    (folder / "plain.yaml").write_text(MAPPING.format(key="household: home, ", home="id: home"), encoding="utf-8")


def in_use() -> int:
    """Memory that this process holds now [kB]; the largest so far may be that of the process which started it."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0])


def peak_in_use() -> int:
    """The most that this process held since it began [kB]."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmHWM"].split()[0])


def imported(folder: Path, way: str) -> None:
    """Runs in a process of its own: a site, and the round into it."""
    from data.store.engine import make_engine, session_factory, transaction
    from data.store.migrate import migrate
    from data.store.sites import add_site
    from data.workflows.surveys import import_form_survey, import_survey

    shutil.rmtree(folder / f"bank-{way}", ignore_errors=True)
    (folder / f"{way}.sqlite").unlink(missing_ok=True)
    url = f"sqlite:///{folder / way}.sqlite"
    migrate(url)
    factory = session_factory(make_engine(url))
    with transaction(factory) as session:
        add_site(session, slug="nowhere", name="Nowhere", country="PE", currency="PEN", actor="benchmark")
    before = in_use()
    started, cpu = time.perf_counter(), time.process_time()
    place = (factory, folder / f"bank-{way}", "nowhere", "2026")
    if way == "form":
        files = [folder / "household.csv", folder / "members.csv"]
        stored = import_form_survey(*place, FORM, files, folder / "form.yaml", "benchmark")
    else:
        tables = {"persons": folder / "people.csv", "households": folder / "homes.csv"}
        stored = import_survey(*place, tables, folder / "plain.yaml", "benchmark")
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = peak_in_use()
    written = sum(file.stat().st_size for file in (folder / f"bank-{way}").rglob("*.parquet"))
    print(
        f"{way:8} {stored.persons:>10,} persons, {stored.households:,} households: {seconds:6.1f} s "
        f"({cpu:.0f} s of processor), peak {peak / 2**20:.2f} GB ({before / 2**20:.2f} before it began), "
        f"{written / 2**20:.0f} MB written",
        flush=True,
    )
    if peak / 2**20 >= LIMIT_GB:
        raise SystemExit(f"More than {LIMIT_GB:g} GB.")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="Keep the generated files here and use them again.")
    parser.add_argument("--way", choices=("form", "mapping"), help="Only this one, in this process.")
    chosen = parser.parse_args(arguments)
    if chosen.way:
        imported(chosen.folder, chosen.way)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "plain.yaml").exists():
            generate(folder, chosen.members)
        sizes = [f"{name} {(folder / name).stat().st_size / 2**20:.0f} MB" for name in ("household.csv", "members.csv")]
        print("generated: " + ", ".join(sizes), flush=True)
        failed = []
        for way in ("form", "mapping"):
            command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
            failed += [way] if subprocess.run(command, env=os.environ, check=False).returncode else []
    raise SystemExit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
