"""The law and the catalog's policy as data: types, modalities, jurisdictions. One file for each jurisdiction.

`load()` reads the files beside this one, refuses what it does not understand, and gives values of the domain.
"""

from __future__ import annotations

from compliance.catalog.catalog import Catalog
from compliance.catalog.loader import load
from compliance.catalog.values import AfterExpiry, Board, CatalogError, Conflict, Exams, Jurisdiction, Modality

__all__ = ["AfterExpiry", "Board", "Catalog", "CatalogError", "Conflict", "Exams", "Jurisdiction", "Modality", "load"]
