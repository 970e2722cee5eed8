"""What comes in from outside: is it what its name says, is it harmless, and how may it be shown?

The original is kept, hashed, and never served to a browser. What is shown is a rendition: a picture drawn
anew, with a hash of its own. Whatever parses a stranger's file runs in a child process under limits
(`child.py`); the modules `child`, `images` and `documents` are imported there alone.
"""
