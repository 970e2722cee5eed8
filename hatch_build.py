"""Puts templates and migrations into the wheel, so that it works without a checkout.

An editable install gets no copy: it reads the checkout's own folders, and a copy would grow stale.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = {"templates": "compliance/_data/templates", "alembic": "compliance/_data/alembic"}


class PackageData(BuildHookInterface[Any]):
    """Called by hatchling (pyproject.toml, `tool.hatch.build.targets.wheel.hooks.custom`)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update(DATA)
