"""Why a round trip to another provider opened nothing.

UpstreamRefused            the log and the audit have the word; the person reads one sentence
├── TripLost               no trip is under way in this browser, or it took too long, or this is not its answer
├── AnswerMixed            the answer is another provider's (RFC 9207)
├── AnswerRefused          the provider says no, or its token is not what was asked for
├── ProviderAway           its documents or its token endpoint could not be reached, or say nonsense
└── NotLinked              nobody of ours, or nobody who may come in
"""


class UpstreamRefused(Exception):
    """A trip that opens nothing; `code` for the audit, `why` for the log."""

    code = "refused"

    def __init__(self, why: str = "") -> None:
        super().__init__(why)


class TripLost(UpstreamRefused):
    """No trip of this browser."""

    code = "lost"


class AnswerMixed(UpstreamRefused):
    """Another provider's answer."""

    code = "mixed_up"


class AnswerRefused(UpstreamRefused):
    """A refusal, or a token that is not what was asked for."""

    code = "answer"


class ProviderAway(UpstreamRefused):
    """Not reached, or not understood."""

    code = "away"


class NotLinked(UpstreamRefused):
    """Nobody of ours."""

    code = "not_linked"
