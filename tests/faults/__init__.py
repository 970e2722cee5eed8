"""The fault harness: real workers are killed, stopped, misled and lied to, and a judge counts what arrived.

`make faults` runs it in full, `test_faults.py` a small version in the suite. docs/reliability.md says what it proves.
Everything listens on 127.0.0.1 alone, and everything that was started ends with the run.
"""
