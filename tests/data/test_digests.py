"""Digests of alerts: delivered once, to those who may see them, with what is new; mail through a server of the test."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner

from budget_model.errors import AccessError, InputError, NotFoundError
from budget_model.spending import alerts
from budget_model.spending.digest import RULES
from data.commands.digest import digest
from data.jobs.digests import deliver_digests
from data.mail import MailSettings
from data.messages import translate
from data.store import digests as store
from data.store.audit import list_entries
from data.store.digests import Wish
from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.sites import load_site
from data.store.tables import BudgetImport
from data.store.users import add_user, find_user, give_role, take_role
from data.workflows.digest_run import mail_of, run_digests
from data.workflows.digest_words import ALERTS, SILENT
from data.workflows.digest_words import RULES as RULE_WORDS
from data.workflows.digests import subscribe, unsubscribe
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.smtp_server import mail_server
from tests.store_builders import budget_row, make_site
from tests.support import store_fingerprint
from tests.tag_builders import PRINCIPAL

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)  # of week 48
A_WEEK = timedelta(days=7)
ZERO = {**PRINCIPAL, "marker": "0"}


def amounts(code, pia, pim, accrued):
    return budget_row(code, pia=Decimal(pia), pim=Decimal(pim), accrued=Decimal(accrued))


@pytest.fixture
def lomas(factory):
    """care counts whole: 100 at first, 50 modified (cut to 50 %), 20 accrued (40 %); roads: 100, 120, 60 (50 %)."""
    with transaction(factory) as session:
        site = make_site(session)
        make_site(session, "pampa")
        for login, role in (("ana", "official"), ("beto", "official"), ("mona", "monitor")):
            user = add_user(session, login=login, display_name=login.title(), password_hash="x", actor="test")
            give_role(session, user, role, site.id, "test")
        save_lines(session, site.id, "test", [amounts("care", 100, 50, 20), amounts("roads", 100, 120, 60)])
    for code, tag in (("care", PRINCIPAL), ("roads", ZERO)):
        approve(factory, code, tag)
    return factory


def approve(factory, code, tag):
    propose_tag(factory, "lomas", 2026, code, tag, "Plan", "ana")
    review_tag(factory, "lomas", 2026, code, "beto")
    approve_tag(factory, "lomas", 2026, code, "beto")


def wish(**changed):
    content = {
        "sites": ("lomas",),
        "scheme": "eu_eige",
        "stage": "pim",
        "rules": RULES,
        "language": "en",
        "frequency": "weekly",
        "delivery": "file",
    }
    return Wish(**{**content, **changed})


def subscribed(factory, login="mona", at=MONDAY, **changed):
    return subscribe(factory, login, wish(**changed), at)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "digests"


def run(factory, folder, now=MONDAY, mail=None):
    return [(one.subscription_id, one.outcome, one.period) for one in run_digests(factory, folder, mail, now)]


def pages(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_weekly_digest_is_written_once_a_week(lomas, folder):
    subscribed(lomas)
    assert run(lomas, folder) == [(1, "delivered", "2026-W48")]
    kept = store_fingerprint(lomas.kw["bind"])
    assert run(lomas, folder, MONDAY + timedelta(days=6, hours=14)) == [(1, "not_due", None)]
    assert store_fingerprint(lomas.kw["bind"]) == kept
    assert run(lomas, folder, MONDAY + A_WEEK) == [(1, "delivered", "2026-W49")]
    assert pages(folder) == ["subscription-1/2026-W48-en.html", "subscription-1/2026-W49-en.html"]


def test_the_digest_has_each_alert_with_figures_and_lines(lomas, folder):
    subscribed(lomas)
    run(lomas, folder)
    page = (folder / "subscription-1" / "2026-W48-en.html").read_text(encoding="utf-8")
    assert "counted money went to 50.0 % of what it was; the rest of the budget to 120.0 %." in page
    assert "40.0 % of the counted money was accrued; of the rest 50.0 %." in page
    assert "at least PEN 50.00 of PEN 170.00 count (29.4 %)" in page  # 50 / 170
    row = "<td>care</td><td>PEN 100.00</td><td>PEN 50.00</td><td>new</td>"
    assert f'<th scope="row">Activity care</th>{row}' in page
    assert "Source: lines.csv." in page
    assert "This is the first digest" in page
    assert "Nothing can be said of money moved at the year&#x27;s end" in page  # no import of December is there


def test_the_second_digest_says_that_nothing_is_new(lomas, folder):
    subscribed(lomas)
    run(lomas, folder)
    run(lomas, folder, MONDAY + A_WEEK)
    page = (folder / "subscription-1" / "2026-W49-en.html").read_text(encoding="utf-8")
    assert "There is nothing new since the digest of 2026-11-23 09:00 (UTC)." in page
    assert "Unchanged alert · From PIA to PIM, less than the rest, 2026" in page
    assert "New alert ·" not in page


def test_what_changed_and_what_ended_since_the_last_digest_is_told(lomas, folder):
    """clinic comes in and is cut as well: the cut changes and has a new line; all of care and clinic is accrued."""
    subscribed(lomas)
    run(lomas, folder)
    with transaction(lomas) as session:
        rows = [amounts("care", 100, 50, 50), amounts("roads", 100, 120, 60), amounts("clinic", 100, 90, 90)]
        save_lines(session, load_site(session, "lomas").id, "test", rows)
    approve(lomas, "clinic", PRINCIPAL)
    run(lomas, folder, MONDAY + A_WEEK)
    page = (folder / "subscription-1" / "2026-W49-en.html").read_text(encoding="utf-8")
    assert "went to 70.0 % of what it was" in page  # (50 + 90) / 200
    assert "Changed alert · From PIA to PIM, less than the rest, 2026" in page
    assert "<td>clinic</td><td>PEN 100.00</td><td>PEN 90.00</td><td>new</td>" in page
    assert "<td>care</td><td>PEN 100.00</td><td>PEN 50.00</td><td></td>" in page
    assert "No longer so: Execution below the rest, 2026." in page


def test_without_tags_the_digest_says_unknown_and_not_that_all_is_well(lomas, folder):
    with transaction(lomas) as session:
        pampa = load_site(session, "pampa")
        give_role(session, find_user(session, "mona"), "monitor", pampa.id, "test")
        save_lines(session, pampa.id, "test", [amounts("p", 100, 50, 20)])
    subscribed(lomas, sites=("pampa",))
    run(lomas, folder)
    page = (folder / "subscription-1" / "2026-W48-en.html").read_text(encoding="utf-8")
    assert "nothing of PEN 50.00 is tagged; what counts is unknown, which is not 0." in page
    assert "None of the chosen rules could be asked" in page
    assert "No alert" not in page


def test_rules_that_found_nothing_are_named(lomas, folder):
    subscribed(lomas, rules=("gone",))
    run(lomas, folder)
    page = (folder / "subscription-1" / "2026-W48-en.html").read_text(encoding="utf-8")
    assert "No alert: the rules that could be asked found nothing (Tagged lines that are gone)." in page


def test_after_access_is_revoked_nothing_is_made(lomas, folder):
    subscribed(lomas)
    with transaction(lomas) as session:
        take_role(session, find_user(session, "mona"), "monitor", 1, "test")
    assert run(lomas, folder) == [(1, "no_access", None)]
    assert pages(folder) == []


def test_a_closed_account_gets_nothing(lomas, folder):
    subscribed(lomas)
    with transaction(lomas) as session:
        find_user(session, "mona").is_active = False
    assert run(lomas, folder) == [(1, "no_access", None)]


def test_only_sites_that_are_open_when_it_is_sent_are_in_it(lomas, folder):
    with transaction(lomas) as session:
        give_role(session, find_user(session, "mona"), "monitor", load_site(session, "pampa").id, "test")
    subscribed(lomas, sites=("lomas", "pampa"))
    with transaction(lomas) as session:
        take_role(session, find_user(session, "mona"), "monitor", 1, "test")
    run(lomas, folder)
    page = (folder / "subscription-1" / "2026-W48-en.html").read_text(encoding="utf-8")
    assert "Pampa" in page
    assert "Lomas" not in page
    assert "care" not in page


def test_all_sites_means_those_of_the_day_of_sending(lomas, folder):
    subscribed(lomas, sites=None)
    with transaction(lomas) as session:
        give_role(session, find_user(session, "mona"), "monitor", load_site(session, "pampa").id, "test")
    run(lomas, folder)
    page = (folder / "subscription-1" / "2026-W48-en.html").read_text(encoding="utf-8")
    assert "<h2>Lomas</h2>" in page
    assert "<h2>Pampa</h2>" in page


def test_a_digest_after_imports_comes_with_a_new_import_only(lomas, folder):
    subscribed(lomas, frequency="import")
    assert run(lomas, folder) == [(1, "not_due", None)]
    add_import(lomas, MONDAY - A_WEEK)
    assert run(lomas, folder) == [(1, "not_due", None)]  # before the subscription
    add_import(lomas, MONDAY)
    assert run(lomas, folder) == [(1, "delivered", "import-2")]
    assert run(lomas, folder, MONDAY + A_WEEK) == [(1, "not_due", None)]
    add_import(lomas, MONDAY + A_WEEK)
    assert run(lomas, folder, MONDAY + A_WEEK) == [(1, "delivered", "import-3")]


def add_import(factory, at):
    counts = dict.fromkeys(("new_count", "changed_count", "unchanged_count", "gone_count"), 0)
    file = {"source_file": "lines.csv", "source_sha256": "1" * 64, "source": "table"}
    with transaction(factory) as session:
        row = BudgetImport(site_id=1, at=at, actor="ana", **file, **counts, has_removed=False, totals={}, warnings=[])
        session.add(row)


def test_a_mail_goes_to_its_address_as_text_and_page(lomas, folder):
    subscribed(lomas, delivery="mail", address="mona@un.test", language="es")
    with mail_server() as box:
        assert run(lomas, folder, mail=box.settings) == [(1, "delivered", "2026-W48")]
        assert run(lomas, folder, mail=box.settings) == [(1, "not_due", None)]
    (message,) = box.messages
    assert (message["To"], message["From"]) == ("mona@un.test", "grb@muni.test")
    assert message["Subject"] == "Alertas del presupuesto: 2 nuevas o cambiadas · Semana 2026-W48"
    assert "pasó a 50.0 % de lo que era" in message.get_body(("plain",)).get_content()
    assert "<h2>Lomas</h2>" in message.get_body(("html",)).get_content()
    assert pages(folder) == []


def test_a_refused_mail_is_not_marked_as_sent_and_the_others_go_on(lomas, folder):
    subscribed(lomas, "ana", delivery="mail", address="gone@un.test")
    subscribed(lomas, delivery="mail", address="mona@un.test")
    subscribed(lomas)
    with mail_server() as box:
        box.refused.add("gone@un.test")
        first, *others = run_digests(lomas, folder, box.settings, MONDAY)
        assert first.outcome == "failed"
        assert "refused the recipient (550 no such mailbox)" in first.error
        assert [one.outcome for one in others] == ["delivered", "delivered"]
        with lomas() as session:
            issue = store.find_issue(session, 1, "2026-W48")
            assert (issue.state, issue.error_rule, issue.delivered_at) == ("failed", "recipient", None)
        box.refused.clear()
        assert [outcome for _, outcome, _ in run(lomas, folder, mail=box.settings)] == [
            "delivered",
            "not_due",
            "not_due",
        ]
    assert [message["To"] for message in box.messages] == ["mona@un.test", "gone@un.test"]


def test_a_server_that_does_not_answer_is_named(lomas, folder):
    subscribed(lomas, delivery="mail", address="mona@un.test")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # never listens
        port = taken.getsockname()[1]
        (one,) = run_digests(lomas, folder, MailSettings("127.0.0.1", port, "a@b.test", "none"), MONDAY)
    assert one.outcome == "failed"
    assert f"127.0.0.1:{port} did not answer as a mail server" in one.error


def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for(lomas, folder):
    subscribed(lomas, delivery="mail", address="mona@un.test")
    with mail_server() as box:
        asked = MailSettings(box.settings.host, box.settings.port, box.settings.sender)
        (one,) = run_digests(lomas, folder, asked, MONDAY)
    assert one.outcome == "failed"
    assert "SMTP_SECURITY" in one.error
    assert box.messages == []


def test_without_a_mail_server_a_mail_fails_in_words(lomas, folder):
    subscribed(lomas, delivery="mail", address="mona@un.test")
    (one,) = run_digests(lomas, folder, None, MONDAY)
    assert one.outcome == "failed"
    assert "SMTP_HOST" in one.error


def test_two_runs_at_once_make_one_digest(lomas, folder):
    subscribed(lomas)
    with transaction(lomas) as session:  # another process has begun
        assert store.claim_issue(session, 1, "2026-W48", MONDAY) is not None
    assert run(lomas, folder) == [(1, "in_another_run", "2026-W48")]
    later = MONDAY + store.LOST_AFTER + timedelta(minutes=1)  # that process must have died
    assert run(lomas, folder, later) == [(1, "delivered", "2026-W48")]


def test_unsubscribed_means_nothing_more(lomas, folder):
    subscribed(lomas)
    with pytest.raises(NotFoundError):
        unsubscribe(lomas, 1, "ana", "ana")
    unsubscribe(lomas, 1, "mona", "mona")
    assert run(lomas, folder) == []


def test_steps_stand_in_the_audit_trail(lomas, folder):
    subscribed(lomas)
    run(lomas, folder)
    unsubscribe(lomas, 1, "mona", "mona")
    with lomas() as session:
        found = [(one.action, one.actor) for one in list_entries(session) if one.action.startswith("digest")]
    assert found == [
        ("digest.unsubscribe", "mona"),
        ("digest.deliver", "command line"),
        ("digest.subscribe", "mona"),
    ]


def test_who_may_not_read_a_site_cannot_subscribe_to_it(lomas):
    before = store_fingerprint(lomas.kw["bind"])
    with pytest.raises(AccessError, match="pampa"):
        subscribed(lomas, sites=("lomas", "pampa"))
    assert store_fingerprint(lomas.kw["bind"]) == before


def test_every_problem_of_a_subscription_is_named(lomas):
    with pytest.raises(InputError) as refused:
        subscribed(lomas, sites=(), rules=("hail",), scheme="x", delivery="mail", address="a@b, c@d\nBcc: e@f")
    rules = sorted(problem.rule for problem in refused.value.problems)
    assert rules == ["digest_address", "digest_rule", "digest_scheme", "digest_sites"]


def test_every_rule_of_the_alerts_has_words_in_both_languages():
    known = {alerts.CUT, alerts.SLOW, alerts.GONE, alerts.DECEMBER}
    for words in (RULE_WORDS, ALERTS, SILENT):
        assert set(words) == set(RULES) == known
        assert all(translate("es", text) != text for text in words.values())


def test_names_with_signs_of_pages_stay_text(lomas, folder):
    with transaction(lomas) as session:
        row = {**amounts("care", 100, 50, 20), "labels": {"activity": "<script>alert(1)</script>"}}
        save_lines(session, 1, "test", [row, amounts("roads", 100, 120, 60)])
    subscribed(lomas)
    run(lomas, folder)
    page = (folder / "subscription-1" / "2026-W48-en.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"SMTP_FROM": ""}, "smtp_from"),
        ({"SMTP_PORT": "many"}, "smtp_port"),
        ({"SMTP_SECURITY": "ssl3"}, "smtp_security"),
        ({"SMTP_USER": "grb"}, "smtp_login"),
        ({"SMTP_USER": "grb", "SMTP_PASSWORD": "p", "SMTP_SECURITY": "none"}, "smtp_open"),
    ],
)
def test_unsound_settings_of_mail_are_refused(changed, rule):
    with pytest.raises(InputError) as refused:
        MailSettings.from_environment({"SMTP_HOST": "mail.test", "SMTP_FROM": "a@b.test", **changed})
    assert [problem.rule for problem in refused.value.problems] == [rule]


def test_without_a_host_there_is_no_mail():
    assert MailSettings.from_environment({"SMTP_FROM": "a@b.test"}) is None


def test_the_password_is_in_no_text_of_the_settings():
    made = MailSettings.from_environment(
        {"SMTP_HOST": "m", "SMTP_FROM": "a@b.test", "SMTP_USER": "u", "SMTP_PASSWORD": "hush"}
    )
    assert made.port == 587
    assert "hush" not in repr(made)


def test_the_commands_subscribe_list_run_and_end(lomas, folder, monkeypatch, database_url):
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DIGEST_FOLDER", str(folder))
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(digest, arguments)

    made = call("subscribe", "--for", "mona", "--site", "lomas", "--every", "monthly", "--json")
    assert json.loads(made.stdout) == {"subscription": 1}
    (first,) = json.loads(call("run", "--json").stdout)["digests"]
    assert (first["outcome"], first["login"]) == ("delivered", "mona")
    assert pages(folder) == [first["place"]]
    (again,) = json.loads(call("run", "--json").stdout)["digests"]
    assert again["outcome"] == "not_due"
    (row,) = json.loads(call("list", "--json").stdout)["subscriptions"]
    assert (row["sites"], row["last_place"], row["error"]) == (["lomas"], first["place"], None)
    assert call("subscribe", "--for", "mona", "--site", "lomas", "--delivery", "mail").exit_code == 1
    call("subscribe", "--for", "mona", "--all-sites", "--delivery", "mail", "--address", "m@un.test")
    failed = call("run", "--json")
    assert failed.exit_code == 1
    assert "No mail server is set up" in failed.stderr
    assert [one["outcome"] for one in json.loads(failed.stdout)["digests"]] == ["not_due", "failed"]
    assert call("unsubscribe", "1").exit_code == 0
    assert [one["id"] for one in json.loads(call("list", "--json").stdout)["subscriptions"]] == [2]


def test_a_second_copy_of_a_mail_has_the_id_of_the_first(lomas, folder):
    subscribed(lomas, delivery="mail", address="mona@un.test")
    with mail_server() as box:
        run(lomas, folder, mail=box.settings)
    with lomas() as session:
        row, issue = store.load_subscription(session, 1), store.last_delivered(session, 1)
        copy = mail_of(issue.document, row, issue.period, "grb@muni.test", issue.id)
    assert copy["Message-ID"] == box.messages[0]["Message-ID"]


def test_the_command_says_when_the_first_digest_comes_and_what_stands_in_its_way(lomas, database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    for name in ("SMTP_HOST", "SMTP_FROM"):
        monkeypatch.delenv(name, raising=False)
    mail = ["--every", "import", "--delivery", "mail", "--address", "mona@un.test"]
    made = CliRunner().invoke(digest, ["subscribe", "--for", "mona", "--site", "lomas", *mail])
    assert "after the next import of budget lines" in made.output
    assert "No mail server is set up" in made.output
    with transaction(lomas) as session:
        take_role(session, find_user(session, "mona"), "monitor", 1, "test")
    listed = json.loads(CliRunner().invoke(digest, ["list", "--json"]).stdout)
    assert listed["subscriptions"][0]["sites_seen"] == []
    assert "any of its sites" in CliRunner().invoke(digest, ["list"]).output


def test_the_worker_delivers_what_is_due_once_and_a_wrong_mail_setting_keeps_no_file_from_going_out(
    lomas, folder, monkeypatch
):
    monkeypatch.setenv("SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("SMTP_PORT", "none")
    subscribed(lomas)
    assert [one.outcome for one in deliver_digests(lomas, folder, MONDAY)] == ["delivered"]
    assert [one.outcome for one in deliver_digests(lomas, folder, MONDAY)] == ["not_due"]
    assert pages(folder) == ["subscription-1/2026-W48-en.html"]
