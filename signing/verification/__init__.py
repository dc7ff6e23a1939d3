"""Documents put to the proof: a file comes in, a verdict with its reasons comes out.

Owns: the steps of a judgement, the report (DESIGN §8), the isolated process in which a stranger's file is read, `hopnhat verify`,
`POST /api/verify` and the page `/signing/verify`.

Read first `judgement` (the numbered steps), then `findings` (what a judgement is made of), then `verifier` (the whole way of a document).
The order of the rooms within: `findings` ← `containers`, `byte_ranges`, `signed_data`, `certificates`, `timestamps`, `changes` (values in,
values out) ← `judgement` ← `worker` | `sandbox` (the wall) | `fetching`, `register`, `verifier` ← `command`, `pages`.

Never signs. Never says *valid* or *invalid* where the answer could not be found out. Never tells who a person is by a name in a
certificate. A parser of foreign bytes runs in the isolated process only, and that process reaches neither the network nor the database.
"""
