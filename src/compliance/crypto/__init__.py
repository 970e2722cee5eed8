"""Ids, hashes, tokens and passwords: the one room that touches secrets.

Nothing here reads a clock, a file of settings or a database. Instants and keys are arguments.
"""
