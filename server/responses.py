"""What routes answer with: pages, redirects, refusals. One shape for every error."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.requests import HTTPConnection
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from server import errors
from server.accounts.roles import ANYBODY, Role
from server.clock import DISTRICT_ZONE
from server.dependencies import COOKIE
from server.notices.models import Notice
from server.notices.texts import text
from server.scheduling.explaining import why
from server.scheduling.replan import sentence
from server.scheduling.workdays import Counted
from server.translation import DEFAULT_LOCALE, LOCALES, WEB, translate

STATUS: dict[type[errors.LianxinError], int] = {
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
WEEKDAYS = "一二三四五六日"


def locale_of(request: HTTPConnection) -> str:
    """The reader's language: the cookie ``lianxin_lang``, else Chinese."""
    chosen = request.cookies.get("lianxin_lang", DEFAULT_LOCALE)
    return chosen if chosen in LOCALES else DEFAULT_LOCALE


@cache
def _version(name: str) -> str:
    path = WEB / "static" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def asset(name: str) -> str:
    """The address of a static file, with a version so that it may be cached for long."""
    return f"/static/{name}?v={_version(name)}"


def day(value: date | datetime) -> str:
    """A day as people say it: month, day, weekday in the district."""
    local = value.astimezone(DISTRICT_ZONE).date() if isinstance(value, datetime) else value
    return f"{local.month}月{local.day}日 周{WEEKDAYS[local.weekday()]}"


def clock_time(value: datetime | int) -> str:
    """A time of day, from an instant or from minutes after midnight."""
    if isinstance(value, int):
        return f"{value // 60}:{value % 60:02d}"
    local = value.astimezone(DISTRICT_ZONE)
    return f"{local.hour}:{local.minute:02d}"


def duration(value: timedelta | float) -> str:
    """A length of time in minutes and seconds."""
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    return f"{seconds // 60} 分 {seconds % 60} 秒" if seconds >= 60 else f"{seconds} 秒"


def masked_name(value: str | None) -> str:
    """The family name, the rest hidden."""
    return value[0] + "*" * max(1, len(value) - 1) if value else ""


def masked_number(value: str | None) -> str:
    """The first three and last two characters of an identity or phone number."""
    return f"{value[:3]}{'*' * (len(value) - 5)}{value[-2:]}" if value and len(value) > 5 else ""


def grouped(digits: str) -> str:
    """A check code in groups of four."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def icon(name: str) -> Markup:
    """A drawing from the sprite; always beside a word."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        asset("icons/sprite.svg"), name
    )


def new_key() -> str:
    """A key for a form that must be done once however often it is sent."""
    return secrets.token_urlsafe(18)


def message_id(text: str) -> str:
    """Mark a message that is translated where it is shown."""
    return text


NAVIGATION = (
    ("/desk", message_id("Reception"), {Role.OFFICIAL, Role.CLERK}),
    ("/absences", message_id("Absences"), {Role.CLERK, Role.ADMINISTRATOR}),
    ("/returned", message_id("Returned minutes"), {Role.OFFICIAL}),
    ("/waitlist", message_id("Waitlist"), {Role.CLERK}),
    ("/aside", message_id("Keep somebody away"), {Role.CLERK}),
    ("/reviews", message_id("Reviews"), {Role.CLERK}),
    ("/petitions", message_id("Find"), {Role.OFFICIAL, Role.CLERK, Role.HANDLER}),
    ("/follow-ups", message_id("Follow-ups"), {Role.HANDLER}),
    ("/admin", message_id("Administration"), {Role.ADMINISTRATOR}),
    ("/notices", message_id("Notices"), {Role.CLERK, Role.ADMINISTRATOR}),
    ("/audit", message_id("Audit log"), {Role.AUDITOR}),
    ("/ask", message_id("Ask by number"), {Role.OFFICIAL, Role.CLERK, Role.HANDLER, Role.ADMINISTRATOR}),
)


@pass_context
def _gettext(context: Context, message: str, **params: object) -> str:
    return translate(message, locale_of(context["request"]), params)


@pass_context
def _day(context: Context, value: date | datetime) -> str:
    if locale_of(context["request"]) == DEFAULT_LOCALE:
        return day(value)
    local = value.astimezone(DISTRICT_ZONE) if isinstance(value, datetime) else value
    return f"{local:%a} {local.day} {local:%b}"


@pass_context
def _duration(context: Context, value: timedelta | float) -> str:
    if locale_of(context["request"]) == DEFAULT_LOCALE:
        return duration(value)
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


@pass_context
def _why(context: Context, counted: Counted) -> str:
    locale = locale_of(context["request"])

    def words(message: str, **params: object) -> str:
        return translate(message, locale, params)

    return why(counted, words, lambda value: _day(context, value))


@pass_context
def _notice_text(context: Context, notice: Notice, point: str) -> Markup:
    """Its number is not broken over lines: people write it down."""
    locale = locale_of(context["request"])
    told = text(notice.event, notice.facts(point), lambda message: translate(message, locale))
    return escape(told).replace(notice.number, Markup('<span class="nowrap">{}</span>').format(notice.number))


@pass_context
def _sentence(context: Context, parts: Sequence[tuple[str, int]]) -> str:
    return sentence(parts, lambda message: translate(message, locale_of(context["request"])))


@cache
def environment() -> Environment:
    """The templates, with everything they may call."""
    made = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=_gettext, asset=asset, icon=icon, navigation=NAVIGATION, zone=DISTRICT_ZONE.key)
    made.globals.update(new_key=new_key)
    made.filters.update(
        day=_day,
        why=_why,
        sentence=_sentence,
        clock_time=clock_time,
        duration=_duration,
        notice_text=_notice_text,
        masked_name=masked_name,
        masked_id=masked_number,
        masked_phone=masked_number,
        grouped=grouped,
    )
    return made


def page(request: Request, template: str, *, status_code: int = 200, **context: Any) -> HTMLResponse:
    """Render a page. Templates always have ``request``, ``actor``, ``lang``, ``error`` and ``values``.

    ``values`` is empty text for what was not entered.
    """
    base: dict[str, Any] = {
        "request": request,
        "actor": getattr(request.state, "actor", ANYBODY),
        "lang": locale_of(request),
        "error": None,
        "values": {},
    }
    shown = {**base, **context}
    shown["values"] = defaultdict(str, shown["values"])
    body = environment().get_template(template).render(shown)
    return HTMLResponse(body, status_code=status_code, headers={"cache-control": "no-store"})


def see_other(address: str) -> RedirectResponse:
    """After a form: go and look."""
    return RedirectResponse(address, status_code=303)


def with_cookie(response: RedirectResponse, request: Request, token: str, *, days: float) -> RedirectResponse:
    """Hand the browser its token."""
    response.set_cookie(
        COOKIE, token, max_age=int(days * 86400), httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return response


def error_body(error: errors.LianxinError, locale: str) -> dict[str, Any]:
    """The one shape of every error that a machine reads."""
    message = translate(error.message, locale, error.params)
    return {"error": {"code": error.code, "message": message, "field": error.field}}


def refused(
    request: Request, template: str, error: errors.LianxinError, *, values: Mapping[str, Any], **context: Any
) -> HTMLResponse:
    """The form again: what was entered, and what to do, beside its field."""
    shown = error_body(error, locale_of(request))["error"]
    return page(request, template, status_code=STATUS[type(error)], error=shown, values=values, **context)


def answer_error(request: Request, error: errors.LianxinError) -> Response:
    """An error outside a form: a calm page for people, the one shape for machines."""
    if isinstance(error, errors.NotSignedIn) and "text/html" in request.headers.get("accept", ""):
        return see_other(f"/sign-in?next={request.url.path}")
    body = error_body(error, locale_of(request))
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(body, status_code=STATUS[type(error)])
    return page(request, "layouts/error.html", status_code=STATUS[type(error)], error=body["error"])
