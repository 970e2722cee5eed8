"""Keys for chosen clinics: what lies at another is not there for them, names included."""

from __future__ import annotations

from tests import builders
from tests.web.conftest import Site
from tests.web.test_api import GATE, ask, key_for


async def test_a_key_for_one_clinic_learns_nothing_of_names_at_another(site: Site) -> None:
    """Neither that somebody is there, nor that a name is doubtful because of them."""
    tampa, orlando = site.ours.clinics
    async with site.database.write.begin() as session:
        for last, clinic in (("Low", tampa), ("Low", orlando), ("High", tampa)):
            one = await builders.therapist(session, site.act(), "Kim", last)
            await builders.assignment(session, site.act(), one, clinic)
    key, everywhere = await key_for(site, clinic_ids=[orlando]), await key_for(site)
    asked = {"modality": "massage-therapy", "clinic": "Orlando"}
    assert (await ask(site, everywhere.key, GATE, therapist="Kim Low", **asked)).status_code == 422
    assert (await ask(site, key.key, GATE, therapist="Kim Low", **asked)).status_code == 200
    told = [(await ask(site, key.key, GATE, therapist=name, **asked)).json() for name in ("Kim High", "Kim Nobody")]
    sentences = [f"No therapist here is 'Kim {name}'." for name in ("High", "Nobody")]
    assert [each["detail"] for each in told] == sentences
    places = [{**asked, "therapist": "Kim Low", "clinic": name} for name in ("Tampa", "Nowhere")]
    said = [(await ask(site, key.key, GATE, **each)).json()["detail"] for each in places]
    assert said == ["No clinic here is 'Tampa'.", "No clinic here is 'Nowhere'."]
