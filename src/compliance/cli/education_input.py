"""A course as it is typed on a command line, and its certificate on the way into the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from compliance.cli.saying import Said

if TYPE_CHECKING:
    from uuid import UUID

    from compliance.cli.running import Opened
    from compliance.services.education import NewCourse
    from compliance.services.evidence import NewEvidence

MINUTES: Final = click.IntRange(min=1)


class Subject(click.ParamType[tuple[str, int]]):
    """WORD=MINUTES: how much of a course was of a subject."""

    name = "word=minutes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The subject and its minutes."""
        if isinstance(value, tuple):
            return value
        word, _, minutes = value.rpartition("=")
        if not word.strip() or not minutes.isascii() or not minutes.isdigit():
            self.fail(f"{value!r} is no subject with its minutes; write it like ethics=120.", param, ctx)
        return word.strip(), int(minutes)


async def course_of(opened: Opened, therapist_id: UUID, given: dict[str, Any]) -> NewCourse:
    """The course of these options; a certificate is inspected and stored first."""
    from compliance.domain.hours import Form
    from compliance.services.education import NewCourse

    subjects: dict[str, int] = {}
    for word, minutes in given["subjects"]:
        subjects[word] = subjects.get(word, 0) + minutes
    path: Path | None = given["certificate"]
    return NewCourse(
        therapist_id,
        given["title"],
        given["completed"],
        given["minutes"],
        Form(given["form_"]),
        subjects,
        given["provider"],
        given["provider_number"],
        given["course_number"],
        given["approved_from"],
        given["approved_until"],
        await _stored(opened, path) if path else None,
        sure=given["sure"],
    )


async def _stored(opened: Opened, path: Path) -> NewEvidence:
    from compliance.services.evidence import NewEvidence
    from compliance.uploads.inspection import inspect
    from compliance.uploads.names import clean_name
    from compliance.uploads.refusals import Refused

    if not path.is_file():
        raise Said(f"{path} is no file that can be read.")
    try:
        found = await inspect(path, declared_name=path.name)
    except Refused as refusal:
        raise Said(str(refusal)) from None
    await opened.store.put(path, found.sha256)
    await opened.store.put(found.rendition, found.rendition_sha256)
    return NewEvidence(
        name=clean_name(path.name),
        kind=found.kind,
        media_type=found.media_type,
        sha256=found.sha256,
        size=found.size,
        pages=found.pages,
        rendition_sha256=found.rendition_sha256,
        rendition_media_type=found.rendition_media_type,
    )


AT_ONCE: Final = 400
"""Courses in one transaction."""


async def import_file(opened: Opened, path: Path, organization: str, dry_run: bool) -> dict[str, Any]:
    """Judges the file as a whole, and records its courses in short transactions; killed, it goes on when run again."""
    from compliance.cli.finding import organization_of
    from compliance.services import course_files, education
    from compliance.sources import Unreadable

    if not path.is_file():
        raise Said(f"{path} is no file that can be read.")
    async with opened.database.read.begin() as session:
        owner = await organization_of(session, organization)
        act = opened.act(owner.id)
        try:
            judged = await course_files.judge(session, act=act, path=path)
        except Unreadable as unreadable:
            raise Said(f"{path}: {unreadable}") from None
    if not dry_run and not judged.refused:
        for start in range(0, len(judged.courses), AT_ONCE):
            async with opened.database.write.begin() as session:
                await education.record_many(session, act=act, courses=judged.courses[start : start + AT_ONCE])
    refused = [{"line": e.line, "field": e.field, "value": e.value, "problem": e.problem} for e in judged.refused]
    return {
        "new": len(judged.courses),
        "unchanged": judged.unchanged,
        "refused": refused,
        "unread": list(judged.unread),
    }
