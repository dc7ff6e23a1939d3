"""`/register/{id}/logo`: the picture of an application that registered itself, from our own origin and never as anything but a picture."""

from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import NotFound
from foundation.forms import Form
from sso.provider import Provider
from sso.registration.register import find_picture


def show_logo(provider: Provider, request: Request, _form: Form) -> Response:
    """The picture. Raises NotFound."""
    with provider.database.read() as reads:
        picture = find_picture(reads, request.path_params["client_id"])
    if picture is None:
        raise NotFound()
    return Response(picture.content, media_type=picture.media_type, headers={"Cache-Control": "public, max-age=3600"})
