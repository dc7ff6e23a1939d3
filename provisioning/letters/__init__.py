"""Activation letters: one page of paper by which an official gets in for the first time, and the list by which letters are handed over.

Owns: the command `account letters`; the making of PDF files in flat memory; the typesetting of letters and lists.

Read first: `printing.py` (the order of the whole), then `letter_page.py` (what the paper says).

Must never: keep a code anywhere but on the paper and as a hash, or write it to a log, a plan or the outbox.
"""
