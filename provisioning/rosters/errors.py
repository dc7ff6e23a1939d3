"""Why a whole file cannot be read; every one a plain answer with exit code 65.

BadInput
└── UnreadableFile     file-unreadable
    ├── EncryptedFile  file-encrypted    a password protects it
    ├── BrokenFile     file-broken       cut off, damaged, not what its container says
    ├── OversizedFile  file-oversized    would unpack to more than a roster can be
    ├── MislabelledFile file-mislabelled its name says another kind than its content
    ├── UnknownFormat  file-format       no roster format at all
    ├── UnknownEncoding file-encoding    text in no character set we know
    ├── AmbiguousEncoding file-encoding-ambiguous  text that is Vietnamese in two character sets
    ├── NoRoster       file-no-roster    readable, but no sheet has the headings of a roster
    └── NobodyNamed    file-nobody       the headings of a roster with nobody under them
"""

from foundation.errors import BadInput


class UnreadableFile(BadInput):
    """A file that cannot be read as a roster."""

    code = "file-unreadable"
    sentence = "The file cannot be read."


class EncryptedFile(UnreadableFile):
    """A password protects it."""

    code = "file-encrypted"
    sentence = "A password protects the file. Open it, save it without a password and send it again."


class BrokenFile(UnreadableFile):
    """Cut off, damaged, or not what its container says."""

    code = "file-broken"
    sentence = "The file is damaged or was cut off on its way. Open it, save it anew as XLSX and send it again."


class OversizedFile(UnreadableFile):
    """Would unpack to more than a roster can be."""

    code = "file-oversized"
    sentence = "The file would unpack to far more than a roster can hold; it was not opened."


class MislabelledFile(UnreadableFile):
    """Its name says another kind than its content."""

    code = "file-mislabelled"
    sentence = "The file is called {label} but its content is {kind}. Save it as XLSX or CSV and send it again."


class UnknownFormat(UnreadableFile):
    """No roster format at all."""

    code = "file-format"
    sentence = "This is no roster format. Send XLSX, XLS, ODS or CSV."


class UnknownEncoding(UnreadableFile):
    """Text in no character set we know."""

    code = "file-encoding"
    sentence = "The text is in no character set we know. Save it as “CSV UTF-8” and send it again."


class AmbiguousEncoding(UnreadableFile):
    """Text that is Vietnamese in two character sets."""

    code = "file-encoding-ambiguous"
    sentence = (
        "The text can be read in two ways: “{one_reading}” as {one}, “{other_reading}” as {other}. "
        "Save it as “CSV UTF-8” and send it again."
    )


class NoRoster(UnreadableFile):
    """Readable, but no sheet has the headings of a roster."""

    code = "file-no-roster"
    sentence = "No sheet has the headings of a roster: a name and at least two more columns of the template."


class NobodyNamed(UnreadableFile):
    """The headings of a roster with nobody under them: an export that failed looks so, and is not believed."""

    code = "file-nobody"
    sentence = "The file has the headings of a roster and nobody under them. If it was exported, export it again."
