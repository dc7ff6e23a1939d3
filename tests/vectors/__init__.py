"""Certificates and documents for tests, made by `build`: authorities, signed papers, and damaged ones."""
