"""What to do about a signature that did not pass: what is missing, whose duty it is, in a sentence for each reason."""

from foundation.i18n import Message
from signing.verification.findings import Reason

REMEDIES = {
    Reason.FORMAT_FAILURE: Message("Ask the sender for the document again, as it was when it was signed."),
    Reason.HASH_FAILURE: Message("Do not use this copy; ask the sender for the document as it was signed."),
    Reason.SIG_CRYPTO_FAILURE: Message("Do not use this copy; tell the unit that is said to have signed it."),
    Reason.REVOKED: Message("The unit must sign the document again with a certificate in force."),
    Reason.EXPIRED: Message("The unit must sign the document again with a certificate in force."),
    Reason.NOT_YET_VALID: Message("Tell the unit that is said to have signed it: the times contradict each other."),
    Reason.SIG_CONSTRAINTS_FAILURE: Message("Ask the signer to sign again with a program that follows the standard."),
    Reason.CHAIN_CONSTRAINTS_FAILURE: Message("The signer must use a certificate that is made for signing documents."),
    Reason.CERTIFICATE_CHAIN_GENERAL_FAILURE: Message("Ask the authority that issued the certificate."),
    Reason.CRYPTO_CONSTRAINTS_FAILURE: Message("Ask the signer to sign again with an up-to-date key and program."),
    Reason.TIMESTAMP_ORDER_FAILURE: Message(
        "Ask the signer to sign again; the clock of a timestamp service was wrong."
    ),
    Reason.NO_SIGNING_CERTIFICATE_FOUND: Message(
        "Ask the signer to sign again with the certificate inside the signature."
    ),
    Reason.NO_CERTIFICATE_CHAIN_FOUND: Message(
        "The operator of this service must decide whether that authority is to be trusted (setting verification.trust, option --trust)."
    ),
    Reason.REVOKED_NO_POE: Message(
        "Give the time the document was received, if your register of incoming documents proves it; otherwise the unit must sign again."
    ),
    Reason.REVOKED_CA_NO_POE: Message(
        "Ask the authority above the revoked one what is to be done with documents from before."
    ),
    Reason.OUT_OF_BOUNDS_NO_POE: Message(
        "Give the time the document was received, if your register of incoming documents proves it; otherwise the unit must sign again."
    ),
    Reason.NO_POE: Message(
        "Give the time the document was received, if your register of incoming documents proves it."
    ),
    Reason.TRY_LATER: Message(
        "The operator of this service must provide the authority's current list (setting verification.trust or verification.fetch_hosts)."
    ),
    Reason.SIGNED_DATA_NOT_FOUND: Message("Send the signed document together with its signature."),
    Reason.GENERIC: Message("Ask the help desk; nothing can be said about this document here."),
}
