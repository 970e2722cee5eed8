"""Which routes take more than an ordinary form, that all others do not, and that the proxy of compose.yaml is named."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path

from litestar.routes import HTTPRoute

from compliance.web.limits import BODY_LIMIT, RENEWAL_LIMIT
from tests.web.conftest import Site

LARGER = {
    "/bounces/{token}",
    "/clinics/{clinic_id}/credentials",
    "/courses/{course_id}/correct",
    "/credentials/{credential_id}/evidence",
    "/credentials/{credential_id}/renew",
    "/credentials/{credential_id}/verifications",
    "/exposures",
    "/imports",
    "/imports/courses",
    "/organization/logo",
    "/renew/{token}/applied",
    "/renew/{token}/renewal",
    "/therapists/{therapist_id}/courses",
    "/therapists/{therapist_id}/credentials",
    "/verify",
}
LARGEST = RENEWAL_LIMIT


async def test_only_routes_that_take_files_take_more_than_a_form(site: Site) -> None:
    """A route that takes more is seen here, and a person decides whether that was meant."""
    limits = {
        (path.path_format, method): handler.resolve_request_max_body_size() or 0
        for path in site.app.routes
        if isinstance(path, HTTPRoute)
        for handler in path.route_handlers
        for method in handler.http_methods
        if method == "POST"
    }
    assert min(limits.values()) > 0, "a route without a limit"
    assert max(limits.values()) <= LARGEST
    assert {path for (path, _), size in limits.items() if size > BODY_LIMIT} == LARGER


async def test_a_form_of_an_account_larger_than_a_form_is_refused(site: Site) -> None:
    browser = site.browser()
    answer = await browser.post("/sign-in/second-factor", data={"code": "1" * (BODY_LIMIT + 1)})
    assert answer.status_code == 413


def test_the_proxy_leads_people_on_and_refuses_what_machines_send_in_the_clear() -> None:
    text = (Path(__file__).parents[2] / "deploy" / "Caddyfile").read_text()
    clear = re.search(r"^http://[^\n]+ \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    assert clear
    machines = re.search(r"@machines path (.+)", clear.group(1))
    assert machines
    assert set(machines.group(1).split()) == {"/api/*", "/schema/*"}
    refused, led = clear.group(1).index("handle @machines"), clear.group(1).index("redir https://{host}{uri}")
    assert refused < clear.group(1).index('respond "') < clear.group(1).index("handle {") < led


def test_the_proxy_in_front_is_named_so_that_visitors_are_told_apart() -> None:
    text = (Path(__file__).parents[2] / "compose.yaml").read_text()
    named, subnet = re.search(r"FORWARDED_ALLOW_IPS: (\S+)", text), re.search(r"subnet: (\S+)", text)
    assert named
    assert subnet
    assert ip_address(named.group(1)) in ip_network(subnet.group(1))
    assert f"ipv4_address: {named.group(1)}" in text
