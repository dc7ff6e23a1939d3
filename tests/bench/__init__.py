"""The benchmark: one file for each kind of work, each figure beside its budget. Run by `make bench`."""
