"""Mail: one-time codes for people whom no letter reaches, sent to an address outside that was on record before.

Owns: the table of outside addresses; the job that makes a code at the moment of sending; `account contact`, `account import-contacts`,
`account mail-codes` and `account mails`; the settings of the mail server.

Read first: `codes.py` (the order in which a code is made, kept and sent), then `contacts.py` (which address may get one).

Must never: put a code into the outbox, the audit or a log; write the log-in beside the code; write to a mailbox that opens with the
account itself; speak to a mail server in clear.
"""
