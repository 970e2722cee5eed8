"""`compliance renewal`: when a credential ends next by the rule, and what its renewal asks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from compliance.cli.finding import jurisdiction_of
from compliance.cli.options import Day, json_option
from compliance.cli.saying import Said, day, note, say, say_json

if TYPE_CHECKING:
    from compliance.domain.renewal import Renewal, RenewalRule


@click.command("renewal")
@click.argument("jurisdiction")
@click.option("--type", "type_", metavar="CODE", help="What is renewed there if left out: mostly massage-license.")
@click.option("--issued", type=Day(), metavar="DATE")
@click.option("--expires", type=Day(), metavar="DATE", help="The printed expiry; it always wins over the rule.")
@click.option("--birth", type=Day(), metavar="DATE", help="Where the rule goes by the birthday.")
@click.option("--number", default="", metavar="N", help="The license number, where the rule goes by it.")
@click.option("--surname", default="", metavar="NAME", help="Where the rule goes by the name.")
@click.option("--time-zone", metavar="ZONE", help="Whose today it is; the board's if left out.")
@json_option()
def renewal_command(
    jurisdiction: str,
    type_: str | None,
    issued: date | None,
    expires: date | None,
    birth: date | None,
    number: str,
    surname: str,
    time_zone: str | None,
    as_json: bool,
) -> None:
    """Predicts the next expiry: when the window opens, what continuing education is asked, and by which source.

    \b
    compliance renewal us-fl --expires 2027-08-31
    compliance renewal Virginia --birth 1988-02-29 --json

    Where the rule has to know more, the answer has no day and a note says which option to give. Exit status 0; 2 for a
    jurisdiction or type that the catalog does not know or has no rule for.
    """
    from compliance.domain.renewal import RenewalFacts, SurnameInitial, predict

    place = jurisdiction_of(jurisdiction)
    today = _today(time_zone or _zone(place))
    rule = _rule(place, type_, today)
    facts = RenewalFacts(issued, expires, birth, number, surname)
    if surname and not isinstance(rule.model, SurnameInitial):
        note("No rule of this place goes by the surname; it was not used.")
    found = predict(rule, facts, today)
    if as_json:
        say_json(as_answer(found))
    else:
        _print(found)


def _rule(place: str, type_: str | None, today: date) -> RenewalRule:
    """The rule as it is worded today."""
    from compliance.catalog import load

    catalog = load()
    code = catalog.type_of(type_) if type_ else _usual(place)
    if code is None:
        raise Said(f"The credential type {type_!r} is not known. Known are: {', '.join(catalog.types)}.")
    rule = catalog.renewal(place, code, today)
    if rule is None:
        known = [kind for where, kind in catalog.rules if where == place]
        has = f"It has rules for: {', '.join(known)}." if known else "It has no renewal rule at all."
        raise Said(f"The catalog has no renewal rule for {code} in {catalog.jurisdictions[place].name}. {has}")
    return rule


def _zone(place: str) -> str:
    """The board's time zone, else the place's usual one."""
    from compliance.catalog import load

    here = load().jurisdictions[place]
    return here.board.time_zone if here.board else here.time_zones[0]


def _usual(place: str) -> str:
    """What is renewed there: the license, or what ends in its place or beside it."""
    from compliance.catalog import load

    return next(iter(load().renewed_in(place)), "massage-license")


def _today(zone: str) -> date:
    from zoneinfo import ZoneInfoNotFoundError

    from compliance import clock

    try:
        return clock.today(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Said(f"{zone!r} is no time zone; give an IANA name such as America/Chicago.") from None


_GIVEN_BY: Final = (
    ("birth", "--birth DATE"),
    ("number", "--number N"),
    ("surname", "--surname NAME"),
    ("expir", "--expires DATE"),
    ("issue", "--issued DATE"),
)
"""The option by which each fact is given that a rule may ask for."""


def _wanted(found: Renewal) -> str:
    """What the rule has to know before it can tell the day, and how to give it; empty if it knows all."""
    options = [option for word, option in _GIVEN_BY if word in found.question.casefold()]
    return f"{found.question} Give {' or '.join(options)}." if options else found.question


def as_answer(found: Renewal) -> dict[str, Any]:
    """The prediction in the shape that contract.md promises."""
    asked = found.continuing_education
    return {
        "next_expires_on": found.next_expires_on,
        "window_opens_on": found.window_opens_on,
        "apply_by_on": found.apply_by_on,
        "model": found.model,
        "citation": found.citation.text,
        "citation_url": found.citation.url,
        "confidence": found.confidence.value,
        "continuing_education": asked.as_json() if asked else None,
        "notes": [*([_wanted(found)] if found.question else []), *found.notes],
        "question": found.question or None,
    }


def _print(found: Renewal) -> None:
    if found.question:
        say(f"To find out: {_wanted(found)}")
    if found.next_expires_on:
        say(f"Expires next   {day(found.next_expires_on)}")
    elif not found.question:
        say("Does not expire.")
    if found.window_opens_on:
        say(f"Renewal opens  {day(found.window_opens_on)}")
    if found.apply_by_on:
        say(f"Apply by       {day(found.apply_by_on)}")
    for line in _education(found):
        say(line)
    for each in found.notes:
        say(f"Note           {each}")
    say(f"By the rule    {found.model}")
    say(f"Source         {found.citation.text} ({found.confidence.value.replace('-', ' ')})")


def _education(found: Renewal) -> list[str]:
    from compliance.catalog import load
    from compliance.catalog.rule_words import education_words

    titles = {each.code: each.title for each in load().types.values()}
    asked = education_words(found.continuing_education, titles) if found.continuing_education else ()
    return [f"{'Education' if n == 0 else '':15}{words}" for n, words in enumerate(asked)]
