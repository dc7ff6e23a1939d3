"""Trial: the generator of a believable administration and the story of `hopnhat demo`.

Owns: names with their true frequencies, rosters with their usual dirt, the answer file, the scenes of the story.

Read first: the story; each scene checks itself through another door than the one that wrote.

Must never: be imported by anything but the `demo` command, or show an example code without saying so.
"""
