"""What an application is told about a person: pure, from facts of the register to claims, by scope (DESIGN §8; OIDC Core §5.1)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from directory.names import split_name
from directory.people import PostFacts
from directory.portrait import Portrait
from directory.units import UnitFacts
from foundation.clocks import as_rfc3339
from sso.clients import Client
from sso.scopes import CLAIMS
from sso.subjects import PAIRWISE

Claims = dict[str, Any]
SCOPE_OF: Final = {claim: scope for scope, claims in CLAIMS.items() for claim in claims}
NAMING: Final = ("former_subs",)


def build_claims(
    subject: Portrait, scopes: Sequence[str], wished: Sequence[str] = (), own: Mapping[str, Any] | None = None
) -> Claims:
    """The claims these scopes open and those wished for one by one, `sub` always; what is not stored is left out.

    `own`: what belongs to the profile and does not stand in the register.
    """
    claims: Claims = {"sub": str(subject.person.id)}
    single = {SCOPE_OF[name] for name in wished}
    for scope, build in BUILDERS.items():
        if scope in scopes or scope in single:
            known = {**(own or {}), **build(subject)} if scope == "profile" else build(subject)
            told = {name: value for name, value in known.items() if value not in (None, "", [])}
            claims |= told if scope in scopes else {name: told[name] for name in wished if name in told}
    return claims


def choose_claims(client: Client, claims: Claims) -> Claims:
    """What of these claims an application with subjects of its own may see: nothing that names the person by another id."""
    if client.particulars.subject_type != PAIRWISE:
        return claims
    return {name: value for name, value in claims.items() if name not in NAMING}


def build_profile(subject: Portrait) -> Claims:
    """Names as people have them: family first, one given name last, the rest between."""
    person = subject.person
    family, middle, given = split_name(person.name)
    return {
        "name": person.name,
        "family_name": family,
        "middle_name": middle,
        "given_name": given,
        "preferred_username": person.logins[0] if person.logins else None,
        "birthdate": person.birth_date.isoformat() if person.birth_date else None,
        "former_subs": [str(joined) for joined in subject.joined],
    }


def build_email(subject: Portrait) -> Claims:
    """The present official address; verified only if it was proved."""
    person = subject.person
    return {"email": person.addresses[0], "email_verified": person.address_verified} if person.addresses else {}


def build_phone(subject: Portrait) -> Claims:
    """The telephone number, never claimed to be proved."""
    phone = subject.person.phone
    return {"phone_number": phone, "phone_number_verified": False} if phone else {}


def build_address(subject: Portrait) -> Claims:
    """The address of the unit of the main post."""
    post = subject.person.main_post
    unit = subject.units.get(post.unit_id) if post else None
    return {"address": {"formatted": unit.address, "country": "VN"}} if unit and unit.address else {}


def build_unit(subject: Portrait) -> Claims:
    """Unit and posts now, and the units before; flat twins for applications that take no objects."""
    posts = [post for post in subject.person.posts if post.unit_id in subject.units]
    claims: Claims = {
        "posts": [describe_post(post, subject.units[post.unit_id]) for post in posts],
        "former_units": [
            {"code": former.unit.code, "name": former.unit.name, "until": as_rfc3339(former.until)}
            for former in subject.former
        ],
    }
    if posts:
        unit = describe_unit(subject.units[posts[0].unit_id])
        claims |= {"unit": unit, "unit_id": unit["id"], "unit_code": unit["code"], "unit_name": unit["name"]}
        claims["post"] = {"title": posts[0].title, "duties": list(posts[0].duties)}
    return claims


def describe_unit(unit: UnitFacts) -> Claims:
    """A unit as claims name it."""
    return {"id": str(unit.id), "code": unit.code, "name": unit.name}


def describe_post(post: PostFacts, unit: UnitFacts) -> Claims:
    """A post with its unit."""
    return {
        "title": post.title,
        "duties": list(post.duties),
        "body": post.body,
        "main": post.main,
        "acting": post.acting,
        "unit": describe_unit(unit),
    }


BUILDERS = {
    "profile": build_profile,
    "email": build_email,
    "phone": build_phone,
    "address": build_address,
    "unit": build_unit,
}
