"""The matrix: who has what of all that is asked, a page at a time by name, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.db.engine import Database
from compliance.db.queries.clearances import At
from compliance.db.queries.files import credential_files
from compliance.db.queries.therapist_list import Slice, Wanted, therapists
from compliance.rendering import status_word
from compliance.services.roster_export import FORMATS
from compliance.services.roster_workbook import as_workbook
from compliance.sources.typed import guarded
from compliance.web import matrix_view, search
from compliance.web.access import needs
from compliance.web.matrix_view import Column, Row
from compliance.web.page import Html, Page
from compliance.web.sights import Numbers, narrowed, numbers, sight_of
from compliance.web.verdicts import Sight

ROWS: Final = 50
AT_ONCE: Final = 200
SHOWN: Final = {"": "Everybody", "no": "Not cleared", "soon": "Ends within 30 days", "yes": "Cleared"}

log = structlog.get_logger("compliance.web")


@dataclass(frozen=True, slots=True)
class Question:
    """What a matrix is asked for, and what it is seen with."""

    organization_id: UUID
    clinic_ids: frozenset[UUID]
    wanted: Wanted
    sight: Sight
    at: tuple[At, ...]
    keep: str
    many: bool


async def _question(page: Page) -> tuple[Question, Numbers]:
    wanted = replace(search.read_wanted(page), people="current", sort="name")
    sight, at = await sight_of(page)
    if wanted.clinic_id not in sight.places:
        wanted = replace(wanted, clinic_id=None)
    at = narrowed(at, wanted.clinic_id)
    counted = await numbers(page, at)
    many = counted.soon.more if wanted.verdict == "soon" else counted.against.more
    asked_day = page.request.query_params.get("as_of", "")
    keep = f"&as_of={page.as_of.isoformat()}" if asked_day else ""
    return Question(page.organization_id, frozenset(page.clinic_ids), wanted, sight, at, keep, many), counted


async def _slice(session: AsyncSession, asked: Question, limit: int, **beside: UUID | None) -> tuple[Slice, list[Row]]:
    """A page of people, and their rows in its order."""
    about: dict[str, Any] = {"clinic_ids": asked.clinic_ids, "limit": limit, "many": asked.many, **beside}
    found = await therapists(session, asked.organization_id, asked.wanted, asked.at, **about)
    files = await credential_files(session, asked.organization_id, [each.id for each in found.rows])
    ordered = [files[each.id] for each in found.rows if each.id in files]
    return found, matrix_view.rows(asked.sight, ordered, asked.wanted.clinic_id, asked.wanted.modality, asked.keep)


@get("/matrix", opt=needs("therapists.read"))
async def show(page: NamedDependency[Page]) -> Html:
    """Fifty people by all that is asked of them."""
    asked, counted = await _question(page)
    given = page.request.query_params
    beside = {each: search.read_id(given.get(each, "")) for each in ("after", "before")}
    found, rows = await _slice(page.session, asked, ROWS, **beside)
    columns = matrix_view.columns_of(asked.sight, rows, asked.wanted.modality)
    return page.show(
        "matrix/show.html",
        wanted=asked.wanted,
        rows=rows,
        people=len(found.rows),
        columns=columns,
        groups=matrix_view.grouped(columns),
        in_force={each.code: matrix_view.in_force(rows, each.code) for each in columns},
        gaps=matrix_view.gaps(rows),
        whole=not (found.has_previous or found.has_next),
        close=found.close,
        counted=counted,
        day=asked.at[0].day,
        last_day=max(each.day for each in asked.at),
        clinic=asked.sight.places.get(asked.wanted.clinic_id) if asked.wanted.clinic_id else None,
        choices=search.choices(asked.sight.places.values()) | {"verdict": list(SHOWN.items())},
        links=_links(page, asked.wanted, found),
    )


def _links(page: Page, wanted: Wanted, found: Slice) -> dict[str, str]:
    """The pages beside this one, and the same as files."""
    here = {
        "q": wanted.text,
        "clinic": str(wanted.clinic_id or ""),
        "modality": wanted.modality,
        "verdict": wanted.verdict,
        "as_of": page.request.query_params.get("as_of", ""),
    }
    links = {each: search.address(here, f"/matrix/as-shown.{each}") for each in FORMATS}
    if found.has_previous and found.rows:
        links["previous"] = search.address(here | {"before": str(found.rows[0].id)}, "/matrix")
    if found.has_next and found.rows:
        links["next"] = search.address(here | {"after": str(found.rows[-1].id)}, "/matrix")
    return links


# -- as a file -----------------------------------------------------------------------------------------------------


@get("/matrix/{name:str}", opt=needs("exports.run"))
async def matrix_file(page: NamedDependency[Page], name: FromPath[str]) -> Stream:
    """`as-shown.csv` or `as-shown.xlsx`: everybody whom the filters leave, all pages of them."""
    stem, _, format = name.partition(".")
    if stem != "as-shown" or format not in FORMATS:
        raise NotFoundException
    asked, _counted = await _question(page)
    log.info(
        "export", what=f"matrix.{format}", organization=str(page.organization_id), viewer=str(page.viewer.person_id)
    )
    pieces = _lines(page.database, asked)
    file_name = f"matrix-{asked.at[0].day.isoformat()}.{format}"
    headers = {"content-disposition": f'attachment; filename="{file_name}"'}
    made = pieces if format == "csv" else as_workbook(pieces, sheet="Matrix")
    return Stream(made, media_type=FORMATS[format], headers=headers)


async def _lines(database: Database, asked: Question) -> AsyncIterator[bytes]:
    """The page's own session is closed before the answer is sent; the file has one of its own."""
    columns = matrix_view.every_column(asked.sight, asked.wanted.clinic_id, asked.wanted.modality)
    heads = [word for each in columns for word in (each.title, f"{each.title} until")]
    yield b"\xef\xbb\xbf" + _csv([["Therapist", "Clinic", *heads]])
    after: UUID | None = None
    async with database.read() as session:
        while True:
            found, rows = await _slice(session, asked, AT_ONCE, after=after)
            yield _csv([guarded(word) for word in _line(row, columns)] for row in rows)
            if not found.has_next:
                return
            after = found.rows[-1].id


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def _line(row: Row, columns: Iterable[Column]) -> list[str]:
    """A status and its day for each column; two empty cells where nothing is asked."""
    words = [row.name, row.clinic.name if row.clinic else ""]
    for column in columns:
        cell = row.cells.get(column.code)
        words.append((cell.words or status_word(cell.status)) if cell else "")
        words.append(cell.day.isoformat() if cell and cell.day else "")
    return words


ROUTES: Final[list[Any]] = [show, matrix_file]
