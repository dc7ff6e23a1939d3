"""The whole service as the web server of the benchmark runs it: every room, and the log as ever."""

from provisioning.app import create

__all__ = ["create"]
