"""The scenes of the story, in the order they are told.

`before.py` founds the service, brings the three provinces in and lets an official log in under the old unit; `cutover.py` plans,
approves and applies the merger; `afterwards.py` looks at the same person, the directory, letters, certificates and signed papers.

Read first: `trial/teller.py`. Every check reads back through another door than the one that wrote.
"""
