"""All tables, so that `Record.metadata` is whole wherever one of them is imported."""

from __future__ import annotations

from compliance.db.records._base import Appended, Owned, Record
from compliance.db.records.ahead import MonthAheadRow
from compliance.db.records.alarms import BounceRow, IncidentRow, RefusedAddressRow
from compliance.db.records.education import CourseRow
from compliance.db.records.files import (
    ClearancePeriodRow,
    CoveragePeriodRow,
    CredentialRow,
    EvidenceLinkRow,
    EvidenceRow,
    ImportRowRow,
    StandingRow,
    TermRow,
    VerificationRow,
    WaiverRow,
)
from compliance.db.records.global_tables import (
    GLOBAL_TABLES,
    ApiKeyRow,
    CapabilityRow,
    JobRunRow,
    MailRouteRow,
    OrganizationRow,
    PersonRow,
    ReportFingerprintRow,
    SessionRow,
    SignInAttemptRow,
    SigningKeyRow,
    TaskRow,
    WorkerRow,
)
from compliance.db.records.ladders import DelegationRow, LadderRow
from compliance.db.records.looks import LookRow
from compliance.db.records.outgoing import (
    DeliveryRow,
    DigestRow,
    OutboxReminderRow,
    OutboxRow,
    ReminderRow,
    ReportRow,
)
from compliance.db.records.people import (
    AssignmentRow,
    BoardAddressRow,
    ClinicRow,
    LeaveRow,
    MembershipRow,
    MergeRow,
    PolicyRow,
    TherapistAddressRow,
    TherapistNameRow,
    TherapistRow,
)
from compliance.db.records.regular import RegularIssueRow, RegularReportRow, ReportOpeningRow
from compliance.db.records.retention import DoomedFileRow, RetentionApprovalRow
from compliance.db.records.second_factors import (
    AuthenticatorAppRow,
    IdentityRow,
    PasskeyRow,
    RecoveryCodeRow,
    SpentRow,
)
from compliance.db.records.submissions import CalendarFeedRow, RenewalLinkRow, SubmissionFileRow, SubmissionRow
from compliance.db.records.trail import (
    INSTALLATION,
    FormerFactsRow,
    TrailCheckpointRow,
    TrailEntryRow,
    TrailHeadRow,
    TrailValueRow,
)

__all__ = [
    "GLOBAL_TABLES", "INSTALLATION", "ApiKeyRow", "Appended", "AssignmentRow", "AuthenticatorAppRow",
    "BoardAddressRow", "BounceRow", "CalendarFeedRow", "CapabilityRow", "ClearancePeriodRow", "ClinicRow",
    "CourseRow", "CoveragePeriodRow", "CredentialRow", "DelegationRow", "DeliveryRow", "DigestRow", "DoomedFileRow",
    "EvidenceLinkRow", "EvidenceRow", "FormerFactsRow", "IdentityRow", "ImportRowRow", "IncidentRow", "JobRunRow",
    "LadderRow", "LeaveRow", "LookRow", "MailRouteRow", "MembershipRow", "MergeRow", "MonthAheadRow",
    "OrganizationRow", "OutboxReminderRow", "OutboxRow", "Owned", "PasskeyRow", "PersonRow", "PolicyRow", "Record",
    "RecoveryCodeRow", "RefusedAddressRow", "RegularIssueRow", "RegularReportRow", "ReminderRow", "RenewalLinkRow",
    "ReportFingerprintRow", "ReportOpeningRow", "ReportRow", "RetentionApprovalRow",
    "SessionRow", "SignInAttemptRow", "SigningKeyRow", "SpentRow", "StandingRow", "SubmissionFileRow",
    "SubmissionRow", "TaskRow", "TermRow", "TherapistAddressRow", "TherapistNameRow", "TherapistRow",
    "TrailCheckpointRow", "TrailEntryRow", "TrailHeadRow", "TrailValueRow", "VerificationRow", "WaiverRow",
    "WorkerRow",
]  # fmt: skip
