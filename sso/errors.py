"""The refusals of the provider that people see; programs get RFC 6749's words, which are Authlib's classes.

HopnhatError
├── NotFound
│   └── ClientUnknown      no application of this id is registered
├── BadInput
│   ├── RedirectRefused    the address to go back to is not registered: never redirected to
│   └── RequestUnreadable  the request has no client, or says something twice
└── NotPermitted
    └── TokenRefused       a token that is not (or no longer) good for this
"""

from foundation.errors import BadInput, NotFound, NotPermitted


class ClientUnknown(NotFound):
    """No application of this id is registered, or it was removed."""

    code = "client_unknown"
    status = 400
    sentence = "The application that sent you here is not registered with us."


class RedirectRefused(BadInput):
    """The address to go back to is not one the application registered."""

    code = "redirect_uri_mismatch"
    sentence = "The application that sent you here named an address it has not registered. We do not send you there."


class RequestUnreadable(BadInput):
    """The request of the application has no readable client or repeats a parameter."""

    code = "invalid_request"
    sentence = "The application that sent you here asked in a way we cannot read."


class TokenRefused(NotPermitted):
    """A token that is unknown, over, ended, or lacks the scope."""

    code = "invalid_token"
    status = 401
    sentence = "This access token is not valid here. Please log in again."
