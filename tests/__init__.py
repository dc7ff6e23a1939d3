"""Tests: they mirror the rooms, and add the long stories (flows/), the house itself (house/), vectors and services.

Read first: `conftest.py`, which gives every test its database, its clock and its browser.
"""
