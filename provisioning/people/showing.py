"""One person as `person show` tells them: who, what they hold now and later, what they are called by, whom they answer for."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.chains import find_ancestors, full_name
from directory.departures import find_departures
from directory.errors import PersonNotFound
from directory.joins import PersonJoin
from directory.models import Account, Post
from directory.people import PersonFacts, PostFacts, build_post, find_former_units, find_people
from directory.rights import DUTY_NAMES
from directory.units import last_facts
from foundation.changes import AsOf, visible
from foundation.clocks import local_day
from foundation.database import Reads
from foundation.i18n import _, translate
from foundation.terminal import as_shown, language, out

COLUMNS = {"name": _("Name"), "login": _("Log-in"), "unit": _("Unit"), "post": _("Post"), "person": _("Id")}
STATES = {
    "issued": _("not yet activated"),
    "active": _("active"),
    "suspended": _("suspended"),
    "closed": _("closed"),
    None: _("no account"),
}
WHYS = {
    "retired": _("retired"),
    "resigned": _("resigned"),
    "dismissed": _("dismissed"),
    "died": _("died"),
    "transferred": _("went to another administration"),
    "ended": _("the engagement ended"),
}


def describe_person(reads: Reads, person: PersonFacts, as_of: AsOf) -> dict[str, object]:
    """One person as a row."""
    post = person.main_post
    return {
        "person": person.id,
        "name": person.name,
        "login": ", ".join(person.logins),
        "unit": full_name(find_ancestors(reads, post.unit_id, as_of)) if post else None,
        "post": post.title if post else None,
    }


def build_answer(reads: Reads, person_id: uuid.UUID, key: str, as_of: AsOf) -> dict[str, Any]:
    """Everything about one person. Raises PersonNotFound."""
    person = find_people(reads, [person_id], as_of).get(person_id)
    if person is None:
        raise PersonNotFound(key=key)
    left = find_departures(reads, [person_id], as_of.known_at).get(person_id)
    state = sa.select(Account.state).where(Account.person_id == person_id, Account.kind == "business")
    return {
        "person": person.id,
        "name": person.name,
        "kind": person.kind,
        "account": reads.execute(state).scalar(),
        "logins": list(person.logins),
        "addresses": list(person.addresses),
        "posts": [describe_post(reads, post, as_of) for post in person.posts],
        "later_posts": [describe_post(reads, post, AsOf(post.begins)) for post in find_later(reads, person_id, as_of)],
        "former_units": [
            {"unit": former.unit.agency_name, "code": former.unit.code, "until": former.until}
            for former in find_former_units(reads, person_id, as_of)
        ],
        "left": {"why": left.why, "at": left.at, "decision": left.decision} if left else None,
        "joined": describe_joins(reads, person_id, as_of),
    }


def describe_post(reads: Reads, post: PostFacts, as_of: AsOf) -> dict[str, Any]:
    """One post with its unit's full name."""
    unit = full_name(find_ancestors(reads, post.unit_id, as_of))
    if not unit:
        last = last_facts(reads, [post.unit_id], as_of).get(post.unit_id)
        unit = last.agency_name if last else str(post.unit_id)
    return {
        "unit": unit,
        "title": post.title,
        "duties": list(post.duties),
        "main": post.main,
        "acting": post.acting,
        "from": post.begins,
        "to": post.ends,
    }


def find_later(reads: Reads, person_id: uuid.UUID, as_of: AsOf) -> list[PostFacts]:
    """The posts that are written and begin later."""
    wanted = (
        sa.select(Post)
        .where(Post.person_id == person_id, visible(Post, as_of.known_at), Post.valid_from > as_of.at)
        .order_by(Post.valid_from, Post.main.desc(), Post.row_id)
    )
    return [build_post(row) for row in reads.execute(wanted).scalars()]


def describe_joins(reads: Reads, person_id: uuid.UUID, as_of: AsOf) -> list[dict[str, Any]]:
    """The ids this person answers for, and since when."""
    wanted = (
        sa.select(PersonJoin.person_id, PersonJoin.joined_at)
        .where(PersonJoin.survivor_id == person_id, visible(PersonJoin, as_of.known_at))
        .order_by(PersonJoin.row_id)
    )
    return [{"person": row.person_id, "since": row.joined_at} for row in reads.execute(wanted)]


# --- for people ----------------------------------------------------------------------------------------------------


def print_person(answer: Mapping[str, Any], zone: Any) -> None:
    """One person for people: a line of who, then what they hold, are called by, and were."""

    def word(text: str, **values: object) -> str:
        return translate(language(), text, **values)

    def day(instant: datetime) -> str:
        return str(as_shown(local_day(instant, zone)))

    state = word(STATES.get(answer["account"], str(answer["account"])))
    out.print(f"{answer['name']}  ·  {state}  ·  {answer['person']}", markup=False)
    if answer["left"]:
        left = answer["left"]
        by = f" ({left['decision']})" if left["decision"] else ""
        out.print(
            "  " + word(_("end of service on {day}"), day=day(left["at"])) + f": {word(WHYS[left['why']])}{by}",
            markup=False,
        )
    for post in (*answer["posts"], *answer["later_posts"]):
        out.print("  " + tell_post(post, word, day), markup=False)
    if not answer["posts"]:
        out.print("  " + word(_("holds no post now")), markup=False)
    for label, key in ((_("Log-ins"), "logins"), (_("Addresses"), "addresses")):
        out.print(f"  {word(label)}: {', '.join(answer[key]) or '—'}", markup=False)
    for former in answer["former_units"]:
        code = f" ({former['code']})" if former["code"] else ""
        out.print("  " + word(_("before")) + f": {former['unit']}{code}, → {day(former['until'])}", markup=False)
    for join in answer["joined"]:
        told = word(_("also answers for {person}, joined on {day}"), person=join["person"], day=day(join["since"]))
        out.print(f"  {told}", markup=False)


def tell_post(post: Mapping[str, Any], word: Any, day: Any) -> str:
    """One post on a line."""
    marks = [word(_("main")) if post["main"] else word(_("concurrent"))]
    marks += [word(_("acting"))] if post["acting"] else []
    marks += [word(DUTY_NAMES[duty]) for duty in post["duties"]]
    ends = f" → {day(post['to'])}" if post["to"] else ""
    return f"{post['title']} — {post['unit']}  ({', '.join(marks)}; {day(post['from'])}{ends})"
