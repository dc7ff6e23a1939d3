"""Upstream: coming in by another administration's provider (OpenID Connect), once its account is linked to one of ours.

Owns: the providers as data (`settings`), their documents (`documents`), the round trip (`trips`), what comes back (`answers`), the
links (`links`, table `sso_upstream_link`), `/login/upstream/…` (`entrance`) and `/me/upstream` (`page`); leaving in both directions
(`departures`, table `sso_upstream_session`; `calls`, `/login/upstream/…/logout`).

Read first: `entrance.py`; then docs/upstream.md.

Must never: find a person by an address, a name or a number that another provider tells; make an account; or link without a fresh log-in
of our own.
"""
