"""The design system holds what it promises: every color can be told from its ground, and every part is on the page."""

from __future__ import annotations

import re

import pytest
from jinja2.nodes import Macro

from compliance.rendering import TEMPLATES, environment
from compliance.settings import read_settings
from compliance.web.styleguide import examples, in_development
from compliance.web.tokens import SCHEMES, Pair, color, contrast, linear, pairs, tokens
from tests.markup import outline
from tests.web.conftest import KEY, Site

STYLES = [(TEMPLATES / "static" / name).read_text("utf-8") for name in ("tokens.css", "app.css", "styleguide.css")]


@pytest.mark.parametrize("pair", pairs(), ids=lambda each: f"{each.front} on {each.ground} {each.status} {each.scheme}")
def test_every_color_can_be_told_from_what_it_stands_on(pair: Pair) -> None:
    assert pair.holds, f"{pair.ratio} of {pair.asked}"


@pytest.mark.parametrize(
    ("oklch", "rgb"),
    [((1.0, 0.0, 0.0), (1.0, 1.0, 1.0)), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), ((0.628, 0.2577, 29.23), (1.0, 0.0, 0.0))],
    ids=["white", "black", "red"],
)
def test_colors_are_converted_as_css_says(oklch: tuple[float, float, float], rgb: tuple[float, float, float]) -> None:
    assert linear(oklch) == pytest.approx(rgb, abs=0.002)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) == pytest.approx(21)
    assert contrast((0.2, 0.2, 0.2), (0.2, 0.2, 0.2)) == 1


def test_every_color_has_a_light_and_a_dark_side_and_none_is_written_outside_the_tokens() -> None:
    colors = [each.name for each in tokens() if each.group == "color"]
    assert len(colors) > 10
    for name in colors:
        assert color(name, SCHEMES[0]) != color(name, SCHEMES[1])
    shadows = re.sub(r"(box-shadow|::backdrop \{ background): [^;}]+", "", STYLES[1])
    assert re.findall(r"oklch\([\d.]|rgb|hsl", shadows) == []


def test_every_custom_property_that_is_used_is_there() -> None:
    used = {name for text in STYLES for name in re.findall(r"var\(--([\w-]+)", text)}
    made = {name for text in STYLES for name in re.findall(r"--([\w-]+):", text)}
    assert used - made == set()


async def test_the_page_shows_every_token_and_every_part(site: Site) -> None:
    browser = await site.sign_in("owner")
    assert (await browser.get("/styleguide")).status_code == 200
    read = outline(browser.page)
    assert read.faults == []
    assert [each for each in set(read.ids) if read.ids.count(each) > 1] == []
    for each in tokens():
        assert f'data-token="{each.name}"' in browser.page
        assert f'[data-token="{each.name}"]' in STYLES[2]
    for part in ("Status", "Date", "Person", "Table", "Form field", "Dialog", "Empty state", "Time line", "Charts"):
        assert part in {each.title for each in examples()}


def test_every_macro_is_used_in_an_example() -> None:
    written = {
        macro.name
        for path in (TEMPLATES / "_components").glob("*.html")
        for macro in environment().parse(path.read_text("utf-8")).find_all(Macro)
        if not macro.name.startswith("_")
    }
    shown = "\n".join(each.source for each in examples())
    by_another_name = {"bars": "monthly"}
    by_the_layout = {"sprite"}
    assert {each for each in written - by_the_layout if f"{by_another_name.get(each, each)}(" not in shown} == set()


@pytest.mark.parametrize(
    ("address", "host", "shown"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", True),
        ("https://compliance.example.org", "127.0.0.1", False),
        ("https://compliance.example.org", "0.0.0.0", False),
    ],
)
def test_only_those_who_build_have_the_page(address: str, host: str, shown: bool) -> None:
    given = {"COMPLIANCE_PUBLIC_URL": address, "COMPLIANCE_HOST": host, "COMPLIANCE_SECRET_KEY": KEY}
    assert in_development(read_settings(given)) is shown


async def test_a_public_installation_does_not_have_it(site: Site) -> None:
    public = {"COMPLIANCE_PUBLIC_URL": "https://compliance.example.org", "COMPLIANCE_SECRET_KEY": KEY}
    browser = site.browser()
    site.app.state.settings = read_settings(public)
    answer = await browser.get("https://compliance.example.org/styleguide")
    assert answer.status_code == 404
