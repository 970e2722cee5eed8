"""Floor 0: values and rules. Standard library only; no I/O and no clock. Read `coverage.py` first."""
