"""A company is known by its own domain, never by a platform, a profile page or a mail provider."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.lead import Lead
from outboundd.rules import domains


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("https://www.firm.example/en/about", "firm.example"),
        ("www.firm.example/en/about", "firm.example"),
        ("firm.example", "firm.example"),
        ("//firm.example/", "firm.example"),
        ("HTTP://Shop.Firm.Example:8080/a b", "shop.firm.example"),
        ("firm.example.", "firm.example"),
        (" firm.example?utm=1 ", "firm.example"),
        ("https://bücher.example/ü", "xn--bcher-kva.example"),
        ("www.com", "www.com"),
        ("htp:/www,typo.com", ""),
        ("https//firm.example", ""),
        ("info@firm.example", ""),
        ("https://bank.example@firm.example", ""),
        ("firm.example and shop.example", ""),
        ("192.0.2.1", ""),
        ("http://[2001:db8::1]/", ""),
        ("localhost", ""),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_a_website_is_read_as_lists_have_it(website: str, host: str) -> None:
    """Scheme, www., port, path and dots do not matter; a broken address of a site is no site."""
    assert domains.of_website(website) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mail.de.firm.example", "firm.example"),
        ("firm.example", "firm.example"),
        ("Admin.OX.ac.uk.", "ox.ac.uk"),
        ("www.sony.co.jp", "sony.co.jp"),
        ("group.bnpparibas", "group.bnpparibas"),
        ("one.myshopify.com", "one.myshopify.com"),
        ("two.github.io", "two.github.io"),
        ("github.io", ""),
        ("co.uk", ""),
        ("localhost", ""),
        ("192.0.2.1", ""),
        ("", ""),
    ],
)
def test_the_registrable_domain_keeps_customers_of_a_platform_apart(host: str, domain: str) -> None:
    """Country suffixes are known, and two shops on one platform are two companies."""
    assert domains.registrable(host) == domain


@pytest.mark.parametrize(
    ("address", "host"),
    [("Mei@DE.Firm.Example", "de.firm.example"), ("mei@bücher.example", "xn--bcher-kva.example"), ("two@@signs", "")],
)
def test_the_host_of_an_address_is_empty_when_the_address_is_broken(address: str, host: str) -> None:
    """A broken address belongs to no company."""
    assert domains.of_email(address) == host


@pytest.mark.parametrize("domain", ["gmail.com", "GMX.de", "wp.pl", "qq.com", "tampabay.rr.com", "yahoo.co.jp"])
def test_free_mail_of_many_countries_is_known(domain: str) -> None:
    """An address that anybody can have tells no employer."""
    assert domains.is_free_mail(domain)


@pytest.mark.parametrize("domain", ["firm.example", "notgmail.com", "google.com", ""])
def test_a_company_domain_is_no_free_mail(domain: str) -> None:
    """The end of a name is not the name."""
    assert not domains.is_free_mail(domain)


@pytest.mark.parametrize(
    "website",
    [
        "https://www.linkedin.com/company/acme-talent",
        "de.linkedin.com/in/somebody",
        "https://www.facebook.com/rheabakery",
        "https://greenyoga.wixsite.com/home",
        "petiteboutique.myshopify.com",
        "https://devtool-one.github.io",
        "nordlicht.notion.site",
        "linktr.ee/nordlicht",
        "https://www.gov.uk/government/organisations/home-office",
    ],
)
def test_a_page_on_somebody_elses_site_is_shared(website: str) -> None:
    """Profiles, hosted shops and pages, and one front page for a whole government."""
    assert domains.is_shared_host(website)


@pytest.mark.parametrize(
    "website",
    ["https://www.linkedin.com/", "youtube.com", "https://www.wix.com/about", "camden.gov.uk/council", "", "n/a"],
)
def test_the_site_of_a_platform_is_its_own_companys(website: str) -> None:
    """Those who work at LinkedIn have LinkedIn as their website."""
    assert not domains.is_shared_host(website)


@pytest.mark.parametrize(
    ("company", "website", "email", "key"),
    [
        ("Firm", "https://shop.firm.example/", "mei@group.example", "firm.example"),
        ("Firm", "https://www.linkedin.com/company/firm", "mei@de.firm.example", "firm.example"),
        ("Firm", "", "mei@firm.example", "firm.example"),
        ("  Firm   &  Sons, LTD. ", "firm.wixsite.com/a", "firm@gmail.com", "name:firm sons ltd"),
        ("Firm", "htp:/www,typo.com", "two@@signs", "name:firm"),
        ("...", "", "somebody@gmail.com", ""),
    ],
)
def test_a_company_is_known_by_website_then_address_then_name(company: str, website: str, email: str, key: str) -> None:
    """People of one company meet in one key, so that caps and replies count for all of them."""
    assert domains.company_of(Lead(id="1", company=company, website=website, email=email)) == key


@given(st.text(max_size=80))
def test_no_website_crashes_an_import(website: str) -> None:
    """Whatever stands in the cell, there is a host in ASCII or none."""
    host = domains.of_website(website)
    assert host.isascii()
    assert isinstance(domains.registrable(host), str)
    assert isinstance(domains.is_shared_host(website), bool)
