"""The pages of this room: the certificates of whoever is there, and the dossiers of the units they answer for.

Owns: what stands at `/signing/` and under `/signing/certificate…`, `/signing/dossiers/…`, `/signing/requests/…`.

Read first: `app.py` of the room for the list of addresses, `views.py` for what templates get.

Must never: decide a right (that is `requests.approval`), or keep what it shows.
"""
