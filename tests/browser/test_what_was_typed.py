"""With the network gone what was typed is kept; what the rule tells follows what is typed; a summary in any browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.watching import Watch

GONE = "net::ERR_INTERNET_DISCONNECTED"


def new_license(page: Page) -> None:
    """Ana Ruiz's page for a license."""
    page.goto("/therapists?q=Ruiz")
    page.get_by_role("main").get_by_role("link", name="Ana Ruiz").click()
    page.wait_for_url("**/therapists/*-*")
    page.goto(page.url.split("?")[0] + "/credentials/new?type=massage-license")


def test_what_was_typed_comes_back_after_the_network_was_gone(open_as: Open, watches: list[Watch]) -> None:
    page = open_as()
    new_license(page)
    page.locator("#number").fill("MA 424242")
    page.get_by_label("Issued on").fill("9/1/2025")
    page.context.set_offline(True)
    page.get_by_role("button", name="Record credential").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator("#number")).to_have_value("MA 424242")
    expect(page.get_by_label("Issued on")).to_have_value("9/1/2025")
    expect_gone(watches[-1])


def test_a_list_follows_at_once_and_goes_on_when_the_network_is_back(open_as: Open, watches: list[Watch]) -> None:
    page = open_as()
    page.goto("/therapists")
    rows = page.locator("#results tbody tr:visible")
    whole = rows.count()
    page.context.set_offline(True)
    page.get_by_label("Name, number or e-mail").fill("ruiz")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="The network is gone.")).to_be_visible()
    page.get_by_label("Name, number or e-mail").fill("")
    expect(rows).to_have_count(whole)
    page.get_by_label("Name, number or e-mail").fill("ruiz")
    page.context.set_offline(False)
    page.wait_for_url("**/therapists?q=ruiz**")
    expect(rows).to_have_count(1)
    expect(page.get_by_text("The network is gone.")).to_have_count(0)
    expect_gone(watches[-1])


def test_a_list_shows_what_the_server_says_when_that_is_no_list(open_as: Open, watches: list[Watch]) -> None:
    page = open_as()
    page.goto("/therapists")
    said = "<!doctype html><html lang=en><title>Busy</title><h1>Come back later.</h1>"
    page.route("**/therapists?*", lambda route: route.fulfill(status=429, content_type="text/html", body=said))
    watches[-1].expect(429)
    page.get_by_label("Name, number or e-mail").fill("ruiz")
    expect(page.get_by_role("heading", name="Come back later.")).to_be_visible()


def expect_gone(watch: Watch) -> None:
    """The console says that the network was gone, as often as something was asked, and nothing else."""
    assert all(GONE in each for each in watch.complaints), watch.complaints
    watch.complaints.clear()


def test_the_day_by_the_rule_follows_the_state_and_is_filled_in_by_a_press(open_as: Open) -> None:
    page = open_as()
    new_license(page)
    rule, issuer = page.locator("#by-the-rule"), page.get_by_label("Issued by")
    expect(issuer).to_have_value("Florida Board of Massage Therapy")
    page.get_by_label("State or city").select_option("us-tx")
    expect(issuer).to_have_value("Texas Department of Licensing and Regulation")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Texas massage license")
    expect(rule).to_contain_text("When was it issued")
    page.get_by_label("Issued on").fill("3/3/2026")
    expect(rule).to_contain_text("By the rule it ends Mar 3, 2028")
    expect(page.get_by_label("Expires on")).to_have_value("")
    rule.get_by_role("button", name="Fill in Mar 3, 2028").click()
    expect(page.get_by_label("Expires on")).to_have_value("Mar 3, 2028")
    issuer.fill("Somebody else")
    page.get_by_label("State or city").select_option("us-ga")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Georgia massage license")
    expect(issuer).to_have_value("Somebody else")


def test_without_a_script_the_return_key_records_and_the_summary_has_the_focus(
    open_as: Open, watches: list[Watch]
) -> None:
    page = open_as(java_script_enabled=False)
    new_license(page)
    watches[-1].expect(422)
    page.get_by_label("Issued on").fill("x")
    page.get_by_label("Issued on").press("Enter")
    expect(page.locator(".problems")).to_be_focused()
    page.get_by_role("link", name="Issued on: “x” cannot be read as a day").click()
    expect(page.get_by_label("Issued on")).to_be_focused()
    page.get_by_label("Issued on").fill("9/1/2025")
    page.get_by_role("button", name="Fill in").click()
    expect(page.get_by_label("Expires on")).not_to_have_value("")
    expect(page.get_by_label("Issued on")).to_have_value("9/1/2025")
