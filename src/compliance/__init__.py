"""The therapist certification and compliance tracker: a map of its floors, lowest first.

0  domain/      values and rules; standard library only, no clock, no I/O. Start with `domain/coverage.py`.
1  rendering    the one Jinja environment over `templates/`.
2  rooms        each touches one outside thing and knows no other room: `catalog` (law as data), `db` (tables and
                questions), `channels` (mail out), `reports` (shapes out), `sources` (files in), `store` (evidence),
                `uploads` (inspection), `crypto` (ids, hashes, tokens, passwords).
3  services/    verbs: async functions over a session; they decide and write, and never commit.
4  settings, clock   the environment and the time; nothing below imports them.
5  jobs         the timetable.
6  web/         the pages.
7  scheduler    APScheduler as a clock over the timetable.
8  cli          the `compliance` command.

Imports point down only. A request or a tick of the clock enters at the top, a service writes rows, the edge commits,
a template or a report renders values. `docs/architecture.md` draws it.
"""
