"""Log-in and log-out: a plain form and POST, sessions in signed cookies, tokens against forged requests."""

from __future__ import annotations

from flask import Flask, Response, abort, redirect, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from dashboard.auth.guard import ACTION_ENDPOINT, PROPOSE_ENDPOINT
from dashboard.auth.person import ANONYMOUS, Person
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.i18n import LANGUAGES, mark
from dashboard.router import Router
from dashboard.services.accounts import AccountService, Refusal
from dashboard.shell import render_shell

TITLE = mark("Log in")
LONGEST_TEXTS = 8 * 2**20  # bytes: texts that are too long come as far as the check that says how long they may be
LARGEST_PROPOSAL = 32 * 2**20  # bytes of a photo and of texts
LARGEST_UPLOAD = 300 * 2**20  # bytes of all files of a form together
REFUSALS = {
    Refusal.WRONG: mark("This user name and password do not belong together. Check both and try again."),
    Refusal.TOO_MANY: mark("Too many attempts. Try again after {minutes} min."),
}


def install_sessions(server: Flask, settings: Settings, accounts: AccountService) -> None:
    """Signed session cookies, Flask-Login, and CSRF tokens on everything that is posted, callbacks included."""
    server.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="cbms_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_behind_https,
        PERMANENT_SESSION_LIFETIME=settings.session_length,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
    )
    server.before_request(let_uploads_in)  # before the token is looked for, which reads the body
    manager = LoginManager(server)
    manager.anonymous_user = lambda: ANONYMOUS
    manager.user_loader(lambda identifier: accounts.person(int(identifier)))
    CSRFProtect(server)
    server.register_error_handler(CSRFError, refuse_without_token)
    server.after_request(lambda response: give_token(response, settings.is_behind_https))


def let_uploads_in() -> None:
    """Forms of pages may carry files, of people who have logged in; all else stays small."""
    if request.endpoint == ACTION_ENDPOINT and current_user.is_authenticated:
        request.max_content_length = LARGEST_UPLOAD
        request.max_form_memory_size = LONGEST_TEXTS
    if request.endpoint == PROPOSE_ENDPOINT and current_user.is_authenticated:
        request.max_content_length = LARGEST_PROPOSAL
        request.max_form_memory_size = LONGEST_TEXTS


def refuse_without_token(error: CSRFError) -> tuple[str, int]:
    """A lost session and a forged request look alike: strangers are sent to log in, others are refused."""
    return (error.description or "no token", 400 if current_user.is_authenticated else 401)


def give_token(response: Response, is_secure: bool) -> Response:
    """Dash sends the cookie `_csrf_token` back as a header by itself."""
    if request.method == "GET" and response.mimetype == "text/html" and response.status_code == 200:
        response.set_cookie("_csrf_token", generate_csrf(), secure=is_secure, samesite="Lax")
    return response


def install_login(server: Flask, router: Router, accounts: AccountService) -> None:
    """The addresses `/<language>/login` and `/<language>/logout`."""

    @server.route("/<language>/login", methods=["GET", "POST"], endpoint="login")
    def login(language: str) -> AnyResponse | tuple[str, int] | str:
        check_language(language)
        target = safe_target(request.values.get("next"), language)
        if request.method == "GET":
            return redirect(target) if current_user.is_authenticated else show_form(router, language, target)
        name = request.form.get("login", "").strip()
        outcome = accounts.log_in(name, request.form.get("password", ""), request.remote_addr or "")
        if isinstance(outcome, Person):
            return enter(outcome, target)
        refusal = refusal_sentence(outcome, accounts.minutes_to_wait, PageContext(language))
        return show_form(router, language, target, name, refusal), 429 if outcome is Refusal.TOO_MANY else 401

    @server.route("/<language>/logout", methods=["POST"], endpoint="logout")
    def logout(language: str) -> AnyResponse:
        check_language(language)
        logout_user()
        session.clear()
        return redirect(f"/{language}/")


def refusal_sentence(refusal: Refusal, minutes: int, context: PageContext) -> str:
    return context.gettext(REFUSALS[refusal], minutes=minutes)


def check_language(language: str) -> None:
    if language not in LANGUAGES:
        abort(404)


def enter(person: Person, target: str) -> AnyResponse:
    session.clear()  # nothing of the stranger's session survives
    session.permanent = True
    login_user(person)
    return redirect(target)


def show_form(router: Router, language: str, target: str, name: str = "", refusal: str = "") -> str:
    context = PageContext(language, user=current_user._get_current_object())
    return render_shell(
        router, context, "login.html", title=TITLE, next=target, login=name, refusal=refusal, is_login=True
    )


def safe_target(target: str | None, language: str) -> str:
    """Where to go after log-in: a path of ours, never another host."""
    # browsers drop tabs and line ends inside an address and read "\\" as "/": both could name another host
    is_plain = bool(target) and target.isprintable() and not any(c.isspace() or c == "\\" for c in target)
    is_ours = is_plain and target.startswith("/") and not target.startswith("//")
    return target if is_ours and target else f"/{language}/"
