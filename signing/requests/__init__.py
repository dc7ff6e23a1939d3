"""Requests: what should happen to the certificates of a unit, who said so, and that nothing else happens.

Owns: proposals after a merger, dossiers, choices, approvals, the way to the authority and back to the register.

Read first: `surroundings.py` and `situations.py` (what the register says around an instant, of many units at once),
`proposals.py` (what the law asks, pure), `approval.py` (`ApprovedRequest` is made there), `issuing.py`.

Must never: file a proposal by itself, let anybody approve what is about themselves, or issue for a dossier that is no longer
what was approved.
"""
