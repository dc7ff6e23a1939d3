"""The XML of a workbook's members: parsed piece by piece, document types refused, namespaces' prefixes forgotten."""

from collections.abc import Callable, Iterator
from xml.parsers import expat

from provisioning.rosters.errors import BrokenFile


class Reader:
    """An expat parser that refuses document types and forgets namespaces' prefixes."""

    def __init__(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None] | None = None,
    ) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._fed = 0
        self._marked = -1

    @staticmethod
    def _refuse(*_declaration: object) -> None:
        raise BrokenFile

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Parse a piece. Raises BrokenFile."""
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, OverflowError) as error:
            # A number that is none stands in an attribute: the file is as broken as one that is no XML.
            raise BrokenFile from error

    def mark(self) -> None:
        """For a handler: remember where the tag stands that it was called for."""
        self._marked = self._parser.CurrentByteIndex

    def stands_after(self, tag: bytes) -> bool:
        """Whether the last thing fed was this tag and the handler that was called for it left its mark: so it is in no comment."""
        return self._marked == self._fed - len(tag)

    def read(self, pieces: Iterator[bytes]) -> None:
        """Parse all pieces. Raises BrokenFile."""
        for piece in pieces:
            self.feed(piece)
        self.feed(b"", last=True)


def local(tag: str) -> str:
    """The name of an element without its prefix."""
    return tag.rsplit(":", 1)[-1]
