"""Where every official is counted: one place each, the unit of the main post, or of the first post where none is marked as main.

An official is a person of the register whose detail says so and who holds a post at the instant; people of other bodies (external)
and those without any post are not officials of a unit and are counted beside.
"""

import sqlalchemy as sa

from directory.models import PersonDetail, Post
from foundation.changes import AsOf, in_force


def select_homes(as_of: AsOf) -> sa.Subquery:
    """A subquery of one row for each official: person_id, unit_id, name, title; and `duties` of that one post.

    Nearly everybody has a main post, and only one: those are taken as they are; only the rest is put in an order.
    """
    columns = (Post.person_id, Post.unit_id, Post.title, Post.duties)
    main = sa.select(*columns).where(in_force(Post, as_of), Post.main)
    other = sa.orm.aliased(Post)
    has_main = sa.select(other.row_id).where(other.person_id == Post.person_id, other.main, in_force(other, as_of))
    place = sa.func.row_number().over(partition_by=Post.person_id, order_by=(Post.valid_from, Post.row_id))
    rest = (
        sa.select(*columns, place.label("place"))
        .where(in_force(Post, as_of), Post.main.is_(False), sa.not_(has_main.exists()))
        .subquery("rest")
    )
    first = sa.select(rest.c.person_id, rest.c.unit_id, rest.c.title, rest.c.duties).where(rest.c.place == 1)
    posts = main.union_all(first).subquery("posts")
    return (
        sa.select(posts.c.person_id, posts.c.unit_id, posts.c.title, posts.c.duties, PersonDetail.name)
        .join(PersonDetail, PersonDetail.person_id == posts.c.person_id)
        .where(in_force(PersonDetail, as_of), PersonDetail.kind == "official")
        .subquery("homes")
    )


def select_outside(as_of: AsOf) -> sa.Select[int]:
    """How many officials of the register hold no post at the instant: undecided, or gone."""
    # By EXISTS: PostgreSQL compares a person with every holder of a post where the list of them is too long to be hashed.
    holding = sa.exists().where(Post.person_id == PersonDetail.person_id, in_force(Post, as_of))
    return sa.select(sa.func.count()).where(in_force(PersonDetail, as_of), PersonDetail.kind == "official", ~holding)
