"""A calculation in the background on a page: start, progress, cancel, result; it outlives the page.

A page makes one `JobPanel`, puts its `layout` where it belongs and calls its `register` among its callbacks. The
browser keeps only the id of the job, and whoever asks for an id that is not her own is told that it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard.components.page import notice
from dashboard.context import PageContext
from dashboard.services.jobs import JobNews
from dashboard.views.jobs import JobView, job_view
from data.store.jobs import JobState

POLL_MILLISECONDS = 1500  # a tick that is answered later than the next one begins is never shown
NO_JOB = ""  # what `ended` holds while no job has ended; None would be a change to a browser that inserts the panel


@dataclass(frozen=True)
class JobPanel:
    """How a page starts a kind of work and shows what came of it.

    name : beginning of the component ids; unique on the page
    kind : name of the kind of work
    start_label : message of the button
    states : what the page's own components add to the question
    parameters : (services, context, *values of `states`) -> the parameters of the job
    show : (services, context, news) -> components, for a job that is done
    """

    name: str
    kind: str
    start_label: str
    show: Callable[[Any, PageContext, JobNews], Any]
    parameters: Callable[..., Mapping[str, Any]]
    states: Sequence[State] = ()

    def id(self, part: str) -> str:
        return f"{self.name}-{part}"

    def layout(self, services: Any, context: PageContext, news: JobNews | None = None, hint: Any = None) -> html.Div:
        """The panel as it stands: with the person's last job where `news` is given (`services.jobs.latest`)."""
        _ = context.gettext
        view = job_view(news, context) if news else None
        result = self.result(services, context, news) if news else None
        buttons = html.Div(
            [
                html.Button(
                    _(self.start_label),
                    id=self.id("start"),
                    className="btn btn-primary",
                    disabled=bool(view and view.is_active),
                ),
                html.Button(
                    _("Cancel"),
                    id=self.id("cancel"),
                    className="btn btn-outline-secondary",
                    hidden=not (view and view.can_cancel),
                ),
            ],
            className="job-buttons",
        )
        parts = [
            hint,
            buttons,
            html.Div(status_words(view), id=self.id("status"), role="status", className="job-status"),
            html.Div(progress_bar(view, context), id=self.id("progress"), className="job-progress"),
            html.Div(result, id=self.id("result"), className="job-result"),
            dcc.Store(id=self.id("job"), data=news.id if news else None),
            dcc.Store(id=self.id("ended"), data=news.id if view and news and not view.is_active else NO_JOB),
            dcc.Interval(
                id=self.id("timer"), interval=POLL_MILLISECONDS, disabled=not (view is not None and view.is_active)
            ),
        ]
        return html.Div(parts, className="job-panel")

    def result(self, services: Any, context: PageContext, news: JobNews) -> Any:
        """What the page shows of a job that has ended; nothing of one that has not."""
        return self.show(services, context, news) if news.state is JobState.DONE else None

    def register(self, app: Any, services: Any) -> None:
        outputs = [
            Output(self.id("job"), "data"),
            Output(self.id("timer"), "disabled"),
            Output(self.id("start"), "disabled"),
            Output(self.id("cancel"), "hidden"),
            Output(self.id("status"), "children"),
            Output(self.id("progress"), "children"),
            Output(self.id("ended"), "data"),
        ]
        _register(app, outputs, self, services)

    def act(self, services: Any, context: PageContext, part: str, job_id: str | None, values: Sequence[Any]) -> Any:
        """What a press or a tick makes of the panel: the values of all its outputs."""
        if part == "start":
            news = services.jobs.start(
                context.user, context.site, self.kind, self.parameters(services, context, *values)
            )
        elif part == "cancel":
            news = services.jobs.cancel(context.user, context.site, job_id or "")
        else:
            news = services.jobs.job(context.user, context.site, job_id or "", has_result=False)
        return self.shown(context, news, part)

    def shown(self, context: PageContext, news: JobNews, part: str) -> tuple[Any, ...]:
        """What a press or a tick changes at once. The result is fetched once, by a callback of its own: it may take
        longer than the time between two ticks, and would then be thrown away by the next one."""
        view = job_view(news, context)
        has_ended = not view.is_active
        return (
            news.id,
            has_ended,
            not has_ended,
            not view.can_cancel,
            status_words(view),
            progress_bar(view, context),
            news.id if has_ended else NO_JOB if part == "start" else no_update,
        )

    def ended(self, services: Any, context: PageContext, job_id: str | None) -> Any:
        """The result of a job that has just ended; nothing once another has been started.

        The browser also asks when it inserts the panel, with None where it holds no value yet: what the layout shows
        stays then.
        """
        if job_id is None:
            return no_update
        if job_id == NO_JOB:
            return None
        return self.result(services, context, services.jobs.job(context.user, context.site, job_id))


def _register(app: Dash, outputs: list[Output], panel: JobPanel, services: Any) -> None:
    inputs = [
        Input(panel.id("start"), "n_clicks"),
        Input(panel.id("cancel"), "n_clicks"),
        Input(panel.id("timer"), "n_intervals"),
    ]
    states = [State(panel.id("job"), "data"), State("location", "pathname"), *panel.states]
    app.callback(outputs, inputs, states, prevent_initial_call=True)(partial(answer, app, panel, services))
    app.callback(
        Output(panel.id("result"), "children"),
        Input(panel.id("ended"), "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda job_id, path: panel.ended(services, app.router.context_of(path), job_id))


def answer(app: Any, panel: JobPanel, services: Any, *values: Any) -> Any:
    """The callback: three inputs, the id of the job, the path, then what the page adds."""
    job_id, pathname, *added = values[3:]
    part = str(ctx.triggered_id or "").removeprefix(f"{panel.name}-")
    return panel.act(services, app.router.context_of(pathname), part, job_id, added)


def status_words(view: JobView | None) -> Any:
    """The sentence that is said aloud; it changes only with the step, so that nobody is told every second."""
    if view is None:
        return None
    return [html.P(view.status), *([notice(view.sentences, "danger")] if view.sentences else [])]


def progress_bar(view: JobView | None, context: PageContext) -> Any:
    if view is None or not view.is_active:
        return None
    label = context.gettext("Progress of the calculation")
    known = {"value": str(view.share)} if view.share is not None else {}
    return [html.Progress(max="100", **known, **{"aria-label": label}), html.Span(view.amount, className="amount")]
