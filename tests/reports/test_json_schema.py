"""The published JSON Schema: every report holds to it, and it names everything that a report has."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from compliance.domain.audit_report import AuditReport
from compliance.reports import json_file, json_schema
from tests.reports.reading import from_json
from tests.reports.sample_reports import harbor, report_of
from tests.reports.whole_report import whole

SCHEMA = json.loads(json_schema())
FORMATS = Draft202012Validator.FORMAT_CHECKER


def problems(data: Any, schema: Any = SCHEMA) -> list[str]:
    return [each.message for each in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(data)]


def closed(schema: Any) -> Any:
    """The same schema, which takes no key that it does not name."""
    found = copy.deepcopy(schema)
    for each in _objects(found):
        each["additionalProperties"] = False
    return found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "object":
            yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


@pytest.mark.parametrize("report", [report_of(), harbor(), whole()], ids=["empty", "harbor", "whole"])
def test_a_report_holds_to_the_schema_and_the_schema_names_every_key(report: AuditReport) -> None:
    data = from_json(json_file.render(report, "us-letter"))
    assert problems(data) == []
    assert problems(data, closed(SCHEMA)) == []


def test_the_schema_refuses_what_is_no_report() -> None:
    data = from_json(json_file.render(harbor(), "us-letter"))
    del data["summary"]["answer"]
    data["therapists"][0]["modalities"][0]["findings"][0]["status"] = "perhaps"
    data["waivers"][0]["from"] = "06/29/2026"
    assert len(problems(data)) == 3
