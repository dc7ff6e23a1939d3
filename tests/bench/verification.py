"""The judgement of a signed PDF: without network, in this process."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.verification.cases import Case
from signing.verification.judgement import judge
from tests.bench.figures import Figure, measure, processor_milliseconds

VECTORS = Path(__file__).parents[1] / "vectors"
DAY = datetime(2025, 7, 5, tzinfo=UTC)


def judge_vector(name: str, repeats: int = 20) -> float:
    """Milliseconds of processor time for one of the checked-in documents, with the test authority's root as trust."""
    root = x509.load_pem_x509_certificate((VECTORS / "pki" / "root.pem").read_bytes())
    content = (VECTORS / "documents" / name).read_bytes()
    case = Case(content, DAY, trust=(root.public_bytes(Encoding.DER),))
    return processor_milliseconds(lambda: judge(case), repeats)


@measure("verify-b")
def measure_baseline() -> list[Figure]:
    """Level B: chain and signature."""
    return [Figure("verify a signed PDF, level B", judge_vector("b.pdf"), "ms CPU", 7)]


@measure("verify-lt")
def measure_long_term() -> list[Figure]:
    """Level LT: chain, time-stamp and the revocation lists inside."""
    return [Figure("verify a signed PDF, level LT", judge_vector("lt.pdf"), "ms CPU", 17)]
