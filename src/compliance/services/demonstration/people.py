"""Who works at the demonstration clinics, and what happened to each of them. All names are made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLINICS: Final = {
    "Tampa": ("us-fl", "America/New_York", "412 Bayshore Court, Tampa, FL 33606"),
    "Austin": ("us-tx", "America/Chicago", "77 Pecan Lane, Austin, TX 78704"),
    "Reno": ("us-nv", "America/Los_Angeles", "1900 Riverside Drive, Reno, NV 89503"),
    "Wichita": ("us-ks", "America/Chicago", "250 Old Mill Street, Wichita, KS 67202"),
}
"""Jurisdiction, time zone and address."""

TRIGGER: Final = ("trigger-point-therapy", "massage-therapy", "deep-tissue-massage")
NEURO: Final = ("neuromuscular-therapy", "massage-therapy")
MASSAGE: Final = ("massage-therapy", "hot-stone-massage")
SPORTS: Final = ("sports-massage", "massage-therapy")


@dataclass(frozen=True, slots=True)
class Person:
    """A therapist with a story: `stories.py` of this demonstration says what each story means."""

    first_name: str
    last_name: str
    clinic: str
    modalities: tuple[str, ...]
    story: str = "clear"
    mailbox: str | None = None
    birth_year: int = 1985

    @property
    def email(self) -> str | None:
        """An address at a domain that exists nowhere."""
        if self.story == "no-address":
            return None
        return f"{self.mailbox or f'{self.first_name}.{self.last_name}'.lower()}@demonstration.example"


THERAPISTS: Final = (
    Person("Ana", "Ruiz", "Tampa", TRIGGER),
    Person("Łucja", "Żółkiewska", "Tampa", TRIGGER, "membership-soon", "lucja.zolkiewska"),
    Person("Nguyễn Thị", "Ngọc Ánh", "Tampa", TRIGGER, "unverified", "anh.nguyen"),
    Person("小明", "王", "Tampa", TRIGGER, "clear", "xiaoming.wang"),
    Person("محمد", "الأحمد", "Tampa", NEURO, "clear", "mohammed.alahmad"),
    Person("Dana", "O’Neill", "Tampa", TRIGGER, "suspended", "dana.oneill"),
    Person("Marcus", "Bell", "Tampa", MASSAGE),
    Person("Priya", "Raman", "Tampa", TRIGGER, "waived"),
    Person("Tobias", "Lindqvist", "Tampa", SPORTS, "not-renewed"),
    Person("Grace", "Adeyemi", "Tampa", TRIGGER, "no-certification"),
    Person("Helen", "Carver", "Tampa", MASSAGE, "former-name", birth_year=1979),
    Person("Jorge", "Salcedo", "Tampa", TRIGGER, "left"),
    Person("Mei", "Tanaka", "Tampa", NEURO, "membership-lapsed"),
    Person("Piotr", "Święcicki", "Austin", TRIGGER, "license-soon", "piotr.swiecicki"),
    Person("Rosa", "Delgado", "Austin", TRIGGER),
    Person("Trần Minh", "Khôi", "Austin", TRIGGER, "certification-soon", "khoi.tran"),
    Person("Samuel", "Whitaker", "Austin", MASSAGE, "lapsed"),
    Person("Imani", "Brooks", "Austin", TRIGGER, "restricted"),
    Person("Kevin", "Doyle", "Austin", SPORTS, "differs"),
    Person("Yasmin", "Haddad", "Austin", TRIGGER, "no-exam"),
    Person("Liam", "Foster", "Austin", MASSAGE, "no-address"),
    Person("Beatriz", "Fonseca", "Austin", NEURO),
    Person("Noah", "Grant", "Austin", TRIGGER, "membership-lapsed"),
    Person("Chloe", "Marchetti", "Austin", MASSAGE, "starts-soon"),
    Person("Zoë", "Brontë", "Austin", TRIGGER, "clear", "zoe.bronte"),
    Person("芳", "李", "Austin", MASSAGE, "clear", "fang.li"),
    Person("Owen", "Pritchard", "Austin", TRIGGER, "pending-renewal"),
    Person("Elena", "Petrova", "Reno", TRIGGER, "license-soon"),
    Person("Daniel", "Kim", "Reno", TRIGGER),
    Person("Aisha", "Farouk", "Reno", MASSAGE, "unverified"),
    Person("Žofie", "Dvořáková", "Reno", NEURO, "clear", "zofie.dvorakova"),
    Person("Walter", "Nakai", "Reno", TRIGGER, "two-clinics"),
    Person("Carmen", "García-Peña", "Reno", TRIGGER, "on-leave", "carmen.garcia-pena"),
    Person("Leo", "Hartmann", "Reno", SPORTS, "applied"),
    Person("ليلى", "منصور", "Reno", MASSAGE, "clear", "layla.mansour"),
    Person("Ruth", "Abernathy", "Reno", TRIGGER, "revoked"),
    Person("Hannah", "Stone", "Wichita", TRIGGER),
    Person("Joel", "Ramirez", "Wichita", MASSAGE),
    Person("Bùi Thị", "Lan", "Wichita", TRIGGER, "certification-lapsed", "lan.bui"),
    Person("Ewa", "Gąsiorowska", "Wichita", SPORTS, "clear", "ewa.gasiorowska"),
    Person("Theo", "Vance", "Wichita", TRIGGER, "membership-soon"),
    Person("Nora", "Blake", "Wichita", NEURO, "clear"),
)
