"""One clinic with one therapist who is cleared, and the questions that auditors ask about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.db.engine import Database
from compliance.domain.audit_report import AuditReport, Span
from compliance.services import (
    audit_reports,
)
from compliance.services.audit_reports import Asked
from compliance.services.trail import Act
from compliance.store import Store
from tests import builders
from tests.builders import NOW, TODAY
from tests.signing import SIGNING

YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
LATER = NOW + timedelta(hours=1)


class World:
    """One clinic with one therapist who is cleared."""

    def __init__(self, database: Database, store: Store) -> None:
        self.database, self.store = database, store

    async def begin(self) -> World:
        async with self.database.write.begin() as session:
            self.act = await builders.organization(session)
            self.clinic_id = await builders.clinic(session, self.act, "Tampa", address="1 Bay Road")
            self.ana = await builders.trigger_point_therapist(
                session, self.act, self.clinic_id, first_name="Ana", last_name="Ruiz", email="ana@example.org"
            )
        return self

    def later(self, **span: float) -> Act:
        return replace(self.act, now=NOW + timedelta(**span))

    async def license_of(self, therapist_id: UUID) -> UUID:
        report = await self.report()
        person = next(each for each in report.therapists if each.name == "Ana Ruiz")
        return next(UUID(each.id) for each in person.credentials if each.type == "massage-license")

    def asked(self, known_at: datetime, more: dict[str, Any]) -> Asked:
        usual: dict[str, Any] = {"clinic_id": self.clinic_id, "as_of": TODAY, "known_at": known_at}
        return Asked(**usual | more)

    async def report(self, known_at: datetime = LATER, **asked: Any) -> AuditReport:
        question = self.asked(known_at, asked)
        async with self.database.read.begin() as session:
            return await audit_reports.build(session, organization_id=self.act.organization_id, asked=question)

    async def issue(self, known_at: datetime = NOW, format: str = "json", **asked: Any) -> audit_reports.Issued:
        question = self.asked(known_at, asked)
        return await audit_reports.issue(
            self.database, self.store, act=self.later(hours=2), asked=question, format=format, signing=SIGNING
        )
