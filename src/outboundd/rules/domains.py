"""Which company does a website or an email address belong to, and when does a domain tell no company at all?"""

import re
import unicodedata
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from outboundd.model.lead import Lead
from outboundd.rules import addresses
from outboundd.rules.mail_hosts import FREE_MAIL, FRONTS, HOSTING, PROFILES

# Scheme or not, host, port or not, path or not. An @ is refused: it is an address or a disguised host.
_WEBSITE = re.compile(r"(?:(?:https?:)?//)?([^/?#:@\\\s]+)(?::\d{1,5})?([/?#].*)?", re.IGNORECASE)


def registrable(host: str) -> str:
    """The domain one can register (eTLD+1), "" when there is none.

    Names below a shared platform count as registrable of their own (acme.github.io), so that its customers are not
    taken for one company.
    """
    name = host.lower().rstrip(".")
    if name.rpartition(".")[2].isdigit():
        return ""
    return _suffixes().privatesuffix(name) or ""


def ends_publicly(name: str) -> bool:
    """Whether the last label is a top-level domain that exists, so that a mail reader would make a link of the name."""
    return _suffixes().publicsuffix(name.rpartition(".")[2], accept_unknown=False) is not None


def of_website(website: str) -> str:
    """The host of a website as lists have it, without www., in IDNA ASCII; "" when it is broken."""
    return _split(website)[0]


def of_email(address: str) -> str:
    """The host of an email address in IDNA ASCII; "" when the address is broken."""
    try:
        return addresses.normalise(address).partition("@")[2]
    except ValueError:
        return ""


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have a mailbox under this domain or host."""
    return _listed(domain.lower(), FREE_MAIL)


def is_shared_host(host_or_website: str) -> bool:
    """Whether this website lies on somebody else's site: a hosted page (acme.wixsite.com), a profile with a path.

    Give the whole website, not its host: linkedin.com is the site of a company, linkedin.com/company/acme is not.
    """
    host, has_path = _split(host_or_website)
    hosted = host not in HOSTING and _listed(host, HOSTING)
    return hosted or (has_path and (host in FRONTS or _listed(host, PROFILES)))


def own_website(lead: Lead) -> str:
    """The registrable domain of the lead's website, "" where the website is missing, broken or somebody else's."""
    if is_shared_host(lead.website):
        return ""
    return registrable(of_website(lead.website))


def mail_domain(lead: Lead) -> str:
    """The registrable domain of the lead's address, by which pairs are counted; "" when the address is broken."""
    return registrable(of_email(lead.email))


def company_of(lead: Lead) -> str:
    """The key of a company: its own website's domain, else that of the address unless free mail, else its name."""
    website = own_website(lead)
    if website:
        return website
    mail = mail_domain(lead)
    if mail and not is_free_mail(of_email(lead.email)):
        return mail
    name = _plain_name(lead.company)
    return f"name:{name}" if name else ""


@lru_cache(maxsize=1 << 16)
def _split(website: str) -> tuple[str, bool]:
    """Host and whether something follows it; a host is valid when an address could lie under it."""
    match = _WEBSITE.fullmatch(website.strip())
    if not match:
        return "", False
    host = of_email(f"x@{match[1].rstrip('.')}")
    bare = host.removeprefix("www.")
    return (bare if "." in bare else host), (match[2] or "/") != "/"


def _listed(host: str, table: frozenset[str]) -> bool:
    labels = host.split(".")
    return any(".".join(labels[start:]) in table for start in range(len(labels)))


def _plain_name(company: str) -> str:
    folded = unicodedata.normalize("NFKC", company).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
