"""What each page shows, as small frozen values; the templates decide nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .inheritance import Inherited
from .oidc import Claims
from .store import Document
from .units import Origin
from .words import AUTHORITIES, DUTIES, INDICATIONS, RESULTS, TIMES, VERDICTS, show_day, show_instant, show_place


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post with its unit, as one line."""

    title: str
    unit: str
    code: str
    main: bool


@dataclass(frozen=True, slots=True)
class FormerLine:
    """A unit of before and the day until which the person belonged to it."""

    name: str
    code: str
    until: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Who is logged in, in which units and posts, and from where they came."""

    subject: str
    name: str
    login: str
    email: str
    unit_id: str
    unit_code: str
    unit_name: str
    posts: tuple[PostLine, ...]
    former: tuple[FormerLine, ...]


@dataclass(frozen=True, slots=True)
class LookupPage:
    """A code that was looked up; `asked` is empty before anything was."""

    asked: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents of one old code that now belong to us."""

    inherited: Inherited
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    """All shelves a person may open, the code that was chosen, if one was; and of how many units' documents others read, by duty."""

    unit_name: str
    shelves: tuple[Shelf, ...]
    count: int
    chosen: str
    closed: int
    readers: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One numbered step of a verification."""

    number: str
    name: str
    result: str
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One signature with what was found out about it."""

    signer: str
    indication: str
    reason: str
    level: str
    time: str
    authority: str
    post: str
    unit_at_signing: str
    units_today: str
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """The verdict on a document; `verdict` is empty before anything was sent in."""

    verdict: str = ""
    word: str = ""
    summary: str = ""
    reason: str = ""
    file: str = ""
    signatures: tuple[SignatureBlock, ...] = ()
    fault: str = ""


def build_home(claims: Claims) -> HomePage:
    """The first page from the claims of a person."""
    unit = claims.get("unit") or {}
    posts = claims.get("posts") or [{**(claims.get("post") or {}), "unit": unit, "main": True}]
    return HomePage(
        subject=str(claims["sub"]),
        name=str(claims.get("name") or ""),
        login=str(claims.get("preferred_username") or ""),
        email=str(claims.get("email") or ""),
        unit_id=str(unit.get("id") or ""),
        unit_code=str(unit.get("code") or ""),
        unit_name=str(unit.get("name") or ""),
        posts=tuple(_post_line(post) for post in posts if post.get("title")),
        former=tuple(
            FormerLine(str(each["name"]), str(each["code"]), show_day(str(each["until"])))
            for each in claims.get("former_units") or []
        ),
    )


def build_documents(
    claims: Claims, shelves: Iterable[Shelf], closed: Collection[Inherited], chosen: str
) -> DocumentsPage:
    """The list of inherited documents; with a chosen code only its shelf is open."""
    listed = tuple(shelves)
    duties = {duty for each in closed for duty in each.keeper.duties}
    return DocumentsPage(
        unit_name=str((claims.get("unit") or {}).get("name") or ""),
        shelves=listed,
        count=sum(len(shelf.documents) for shelf in listed),
        chosen=chosen,
        closed=len(closed),
        readers=", ".join(word for duty, word in DUTIES.items() if duty in duties),
    )


def build_verdict(report: Mapping[str, Any], file: str) -> VerdictPage:
    """The verdict page from a report of the verification API."""
    verdict = str(report.get("verdict") or "undetermined")
    return VerdictPage(
        verdict=verdict,
        word=VERDICTS.get(verdict, VERDICTS["undetermined"]),
        summary=str(report.get("summary") or ""),
        reason=str(report.get("reason") or ""),
        file=file,
        signatures=tuple(_signature_block(each) for each in report.get("signatures") or []),
    )


def _post_line(post: Mapping[str, Any]) -> PostLine:
    unit = post.get("unit") or {}
    return PostLine(
        str(post["title"]), str(unit.get("name") or ""), str(unit.get("code") or ""), bool(post.get("main"))
    )


def _signature_block(signature: Mapping[str, Any]) -> SignatureBlock:
    signer = signature.get("signer") or {}
    authority = signature.get("authority") or {}
    time = str(signature.get("best_time") or signature.get("claimed_time") or "")
    source = TIMES.get(str(signature.get("best_time_from") or "none"), "")
    return SignatureBlock(
        signer=str(signer.get("name") or "không rõ"),
        indication=INDICATIONS.get(str(signature.get("indication")), "chưa kết luận được"),
        reason=str(signature.get("sub_indication") or ""),
        level=str(signature.get("level") or ""),
        time=f"{show_instant(time)} ({source})" if time else "không ghi",
        authority=AUTHORITIES.get(str(authority.get("verdict") or "unknown"), ""),
        post=str(authority.get("post") or ""),
        unit_at_signing=str(authority.get("unit_at_signing") or ""),
        units_today=", ".join(show_place(str(unit)) for unit in authority.get("unit_today") or []),
        steps=tuple(_step_line(step) for step in signature.get("steps") or []),
    )


def _step_line(step: Mapping[str, Any]) -> StepLine:
    result = str(step.get("result") or "undetermined")
    return StepLine(
        str(step.get("n", "")),
        str(step.get("name", "")),
        result,
        RESULTS.get(result, result),
        str(step.get("detail") or ""),
    )
