"""What can go wrong between the register and the directory server.

HopnhatError
├── Unreachable
│   └── DirectoryUnreachable     the server does not answer, or stopped in the middle
├── NotPermitted
│   └── DirectoryRefused         it answers, and refuses our name, password or right
├── Undetermined
│   ├── PrintingUnsafe           a guard stopped the printing: nothing was changed
│   └── PrintingUnreadable       one side could not be read whole, so nothing can be said about the other
├── WrongUsage
│   └── DirectoryUnset           no directory server is named in the settings
└── OurFault
    └── ServerNotStarted         the private server does not start
"""

from foundation.errors import NotPermitted, OurFault, Undetermined, Unreachable, WrongUsage


class DirectoryUnreachable(Unreachable):
    """The directory server does not answer, or stopped in the middle; the next sync completes what is missing."""

    code = "directory_unreachable"
    sentence = (
        "The directory server at {url} does not answer. Nothing is lost: the next sync completes what is missing."
    )


class DirectoryRefused(NotPermitted):
    """The server answers and refuses our name, our password or what we want to write."""

    code = "directory_refused"
    sentence = "The directory server at {url} refuses {what}. It says: {answer}"


class PrintingUnsafe(Undetermined):
    """A guard stopped the printing before anything was changed."""

    code = "printing_unsafe"
    sentence = "The printing stopped before anything was changed."


class PrintingUnreadable(Undetermined):
    """One side could not be read whole."""

    code = "printing_unreadable"
    sentence = "The directory could not be read whole. Nothing was changed. The server says: {answer}"


class ServerNotStarted(OurFault):
    """The private server did not start."""

    code = "server_not_started"
    sentence = "The private directory server did not start."


class DirectoryUnset(WrongUsage):
    """The settings name no directory server."""

    code = "directory_unset"
    sentence = "The settings name no directory server: set private = true or a url under [ldap]."
