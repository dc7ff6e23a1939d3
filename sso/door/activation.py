"""`/activate`: from the letter to signed in on one page: log-in, the letter's code, a password of one's own.

The letter's QR opens it with the log-in filled in. What is wrong with a new password is said before the code is
looked at, so no code is spent and no try counted for it.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from directory.logins import login_key
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.door.admission import let_in
from sso.door.entrance import enter_by_code
from sso.door.new_passwords import REUSED, PasswordReused
from sso.door.passwords import PasswordRules, check_new_password
from sso.door.way_back import WayBack, read_way_back
from sso.provider import Provider

FAILED: Final = _(
    "The log-in and the code do not belong together, or the code was used or is too old. Please compare them with your letter."
)


@dataclass(frozen=True)
class ActivationPage:
    """The activation page."""

    login: str
    code: str
    application: str | None
    here: str
    next: str
    log_in: str
    recover: str
    length: int
    errors: tuple[FieldError, ...] = ()


def show_activation(provider: Provider, request: Request, form: Form) -> Response:
    """The page, with the log-in the letter's QR brings."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    return render_activation(provider, request, back, form)


def activate(provider: Provider, request: Request, form: Form) -> Response:
    """The posted page: signed in and on the way, or the page again with what to mend."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    errors = check_activation(form, provider.rules)
    if errors:
        return render_activation(provider, request, back, form, errors, status=400)
    try:
        entered = enter_by_code(provider, request, form["login"][:300], form["code"][:100], form["new_password"])
    except PasswordReused:
        return render_activation(provider, request, back, form, (FieldError("new_password", REUSED),), status=400)
    if entered is None:
        return render_activation(provider, request, back, form, (FieldError("code", FAILED),), status=403)
    return let_in(provider, back, entered)


def check_activation(form: Form, rules: PasswordRules) -> tuple[FieldError, ...]:
    """What is to be mended before the code is looked at, in the order of the page."""
    errors = []
    if not login_key(form.text("login")):
        errors.append(FieldError("login", _("Enter the log-in that stands in your letter.")))
    if not form.text("code").strip():
        errors.append(FieldError("code", _("Enter the code that stands in your letter.")))
    password = form.text("new_password")
    if fault := check_new_password(password, form.text("login"), rules):
        errors.append(FieldError("new_password", fault, rules.values))
    elif password != form.text("new_password_again"):
        errors.append(
            FieldError("new_password_again", _("The two passwords are not the same. Type the new password again."))
        )
    return tuple(errors)


def render_activation(
    provider: Provider,
    request: Request,
    back: WayBack,
    form: Form,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
) -> Response:
    """The page; the password is never shown again."""
    login = (form.text("login") or back.login_hint)[:300]
    page = ActivationPage(
        login=login,
        code=form.text("code")[:100],
        application=back.application,
        here=back.link("/activate", login=login),
        next=back.address,
        log_in=back.link("/login", login=login),
        recover=back.link("/recover"),
        length=provider.policy.password_length,
        errors=errors,
    )
    return render(request, "sso/activate.html", page, status=status, form_targets=back.form_targets, scripts=True)
