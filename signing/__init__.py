"""Signing: certificates for people and agencies, and documents put to the proof.

Owns: requests, approvals, the embedded authority and its lists; the verification of documents; the commands
`dossier`, `certificate`, `token` and `verify`; `/signing/…`, `/pki/…` and `POST /api/verify`.

Read first: the numbered steps of a verification; the types `CheckedCSR` and `ApprovedRequest`.

Must never: hold a person's private key, call "we could not find out" valid or invalid, or import `sso`:
it logs its people in as a relying party like any other application.
"""
