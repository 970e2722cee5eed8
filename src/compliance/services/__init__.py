"""Floor 3: verbs. Async functions over a session that decide and write; they never commit and never read the clock.

Every one that writes takes an `Act` (who, when, in which organization) and leaves an entry in the trail.
"""
