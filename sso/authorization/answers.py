"""How an application is answered: its address with parameters in the query or behind `#`, or a page that posts them (OAuth 2.0
Form Post Response Mode).

Every answer carries `iss` (RFC 9207) and the `state` exactly as it came.
"""

from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.pages import render
from sso.authorization.requests import Asked
from sso.redirects import origin_of, with_fragment, with_parameters


@dataclass(frozen=True)
class FormPostPage:
    """The page that posts an answer; its button works where the script does not run."""

    application: str
    action: str
    fields: tuple[tuple[str, str], ...]


def answer(request: Request, asked: Asked, issuer: str, parameters: dict[str, str]) -> Response:
    """The answer to a request whose address was checked."""
    if asked.state is not None:
        parameters = {**parameters, "state": asked.state}
    parameters = {**parameters, "iss": issuer}
    if asked.response_mode == "form_post":
        page = FormPostPage(asked.client.name, asked.redirect_uri, tuple(parameters.items()))
        return render(
            request,
            "sso/form_post.html",
            page,
            form_targets=tuple(filter(None, [origin_of(asked.redirect_uri)])),
            scripts=True,
        )
    build = with_fragment if asked.response_mode == "fragment" else with_parameters
    return RedirectResponse(build(asked.redirect_uri, parameters), 303)


def answer_error(request: Request, asked: Asked, issuer: str, error: OAuth2Error) -> Response:
    """A refusal told to the application."""
    parameters = {"error": str(error.error)}
    if error.description:
        parameters["error_description"] = str(error.get_error_description())
    return answer(request, asked, issuer, parameters)
