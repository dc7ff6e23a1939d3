"""Trial: the generator of a believable administration and the story of `hopnhat demo`.

Owns: names with their true frequencies, rosters with their usual dirt, the answer file, the scenes of the story.

Read first: `generator.py`, whose docstring lists every file that is written; then what each file means to its reader:
`unit_file.py` (`units-before.csv`, read by `hopnhat unit import`), `rosters.py` (headings and the Vietnamese words for
duties, bodies and main posts), `decree.py` (how the real tables become events), `placement.py` (how a leaver is
marked), `answers.py` (the answer file and its comparison), `documents.py` (signed letters); then the story, whose
scenes check themselves through another door than the one that wrote.

Must never: be imported by anything but the `demo` command, or show an example code without saying so.
"""
