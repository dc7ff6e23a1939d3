"""People: one human is one record, and what happens to a human in daily life.

Owns: the verbs of `person` (find, show, match, join, part, hire, move, leave …), the queue of possible doubles (`match_case`), why
somebody left (`person_leaving`), and what daily life does to a merger that is written but not yet in force (`between.py`).

Read first: `joining.py` for two records of one human, `careers.py` for what a change of post does to the periods that are written.

Must never: join two records without a person who said so, give a log-in to a second human, or drop a post that a merger wrote without
a word about it.
"""
