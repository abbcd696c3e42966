"""Signing in and out, the start page, the language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.labels import ROLES
from server.accounts.roles import Role, signed_in
from server.accounts.service import STAFF_STAY, change_password, revoke_all, sign_in, sign_out
from server.database import writing
from server.dependencies import COOKIE, CurrentActor, Database, Now, SettingsDep
from server.errors import Invalid
from server.responses import page, refused, see_other, with_cookie
from server.translation import DEFAULT_LOCALE, LOCALES

router = APIRouter()
Text = Annotated[str, Form()]

START: dict[Role, str] = {
    Role.KIOSK: "/kiosk",
    Role.AGENT: "/kiosk",
    Role.OFFICIAL: "/desk",
    Role.CLERK: "/reviews",
    Role.HANDLER: "/follow-ups",
    Role.ADMINISTRATOR: "/admin",
    Role.AUDITOR: "/audit",
}


def own_page(address: str) -> str:
    """``address`` if it is a page of ours, else the start page: nobody is sent elsewhere by a link."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


@router.get("/")
def start(request: Request, actor: CurrentActor) -> Response:
    """Each role to its own page; nobody to the choice of signing in or asking."""
    if actor.role in START:
        return see_other(START[actor.role])
    return page(request, "accounts/start.html")


@router.get("/sign-in")
def sign_in_form(request: Request, actor: CurrentActor, next: str = "/") -> Response:  # noqa: A002 - the address's word
    """The form."""
    return page(request, "accounts/sign_in.html", values={"next": own_page(next)})


@router.post("/sign-in")
def sign_in_now(
    request: Request,
    engine: Database,
    now: Now,
    settings: SettingsDep,
    username: Text,
    password: Text,
    next: Text = "/",  # noqa: A002 - the form's word
) -> Response:
    """Check name and password; a failure is counted and the name stays in the form."""
    with writing(engine) as db:
        got = sign_in(
            db, username=username, password=password, now=now, lockout_minutes=settings.signing_in_lockout_minutes
        )
    if not isinstance(got, str):
        return refused(request, "accounts/sign_in.html", got, values={"username": username, "next": own_page(next)})
    return with_cookie(see_other(own_page(next)), request, got, days=STAFF_STAY.total_seconds() / 86400)


@router.post("/sign-out")
def sign_out_now(request: Request, engine: Database, now: Now) -> Response:
    """Revoke this browser's token."""
    with writing(engine) as db:
        sign_out(db, token=request.cookies.get(COOKIE, ""), now=now)
    response = see_other("/")
    response.delete_cookie(COOKIE)
    return response


@router.get("/account")
def account(request: Request, actor: CurrentActor) -> Response:
    """The own account: password, sign-ins."""
    return page(request, "accounts/account.html", role=ROLES[signed_in(actor).role])


@router.post("/account/password")
def change_own_password(
    request: Request, engine: Database, now: Now, actor: CurrentActor, old: Text = "", new: Text = ""
) -> Response:
    """Choose a password; nothing typed is shown again."""
    token = request.cookies.get(COOKIE, "")
    try:
        with writing(engine) as db:
            change_password(db, actor=signed_in(actor), now=now, token=token, old=old, new=new)
    except Invalid as error:
        return refused(request, "accounts/account.html", error, values={}, role=ROLES[actor.role])
    return see_other("/account?done=password")


@router.post("/sign-out-everywhere")
def sign_out_everywhere(engine: Database, now: Now, actor: CurrentActor) -> Response:
    """Revoke every token of the person who asks."""
    with writing(engine) as db:
        revoke_all(db, actor=actor, user_id=actor.id, now=now)
    return see_other("/")


@router.post("/language")
def choose_language(lang: Text, next: Text = "/") -> Response:  # noqa: A002 - the form's word
    """Remember the reader's language for a year."""
    response = see_other(own_page(next))
    chosen = lang if lang in LOCALES else DEFAULT_LOCALE
    response.set_cookie("lianxin_lang", chosen, max_age=365 * 86400, samesite="lax")
    return response
