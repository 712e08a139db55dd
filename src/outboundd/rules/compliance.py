"""May this lead be written to without its prior consent, and does the campaign say who writes and how to object?"""

from collections.abc import Mapping

from outboundd.model.decision import Objection, Stop, Waiver
from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import Campaign, Settings
from outboundd.rules.basis import waived
from outboundd.rules.human_acts import asking

ALL_COUNTRIES = "*"

# Countries where an unasked mail to a named person at work needs, or may need, prior consent, and the law that says so.
# A conservative table that makes a human look. It is not legal advice, neither for a country that is on it nor for one
# that is not; exceptions (a published address, an existing customer) are for that human to judge. Recalled 2026-11.
PRIOR_CONSENT: Mapping[str, str] = {
    "AT": "TKG 2021 § 174, also between businesses",
    "AU": "Spam Act 2003 s. 16, express or inferred consent",
    "BE": "Code of Economic Law art. XII.13, except impersonal addresses of companies",
    "BG": "E-Commerce Act art. 6 and Electronic Communications Act art. 261",
    "CA": "CASL s. 6, express or implied consent (such as a conspicuously published address)",
    "CH": "UWG art. 3(1)(o), also between businesses",
    "CN": "Measures on Internet E-mail Services art. 13",
    "CY": "Law 112(I)/2004 s. 106",
    "CZ": "Act 480/2004 § 7, also between businesses",
    "DE": "UWG § 7, also between businesses",
    "DK": "Markedsføringsloven § 10, also between businesses",
    "EG": "Law 151/2020 art. 17",
    "ES": "LSSI art. 21, also between businesses",
    "GR": "Law 3471/2006 art. 11, also between businesses",
    "HU": "Act XLVIII of 2008 s. 6",
    "IL": "Communications Law s. 30A",
    "IT": "Codice Privacy art. 130, also between businesses",
    "JP": "Act on Specified Electronic Mail art. 3, except published business addresses",
    "KR": "Network Act art. 50",
    "LT": "Law on Electronic Communications, consent of the subscriber",
    "LV": "Law on Information Society Services s. 9",
    "MT": "S.L. 586.01 reg. 9",
    "NL": "Telecommunicatiewet art. 11.7, except addresses published for it",
    "NO": "Markedsføringsloven § 15, personal addresses at work included",
    "NZ": "Unsolicited Electronic Messages Act 2007 s. 9, express, inferred or deemed consent",
    "PL": "Electronic Communications Law 2024 art. 398, also between businesses",
    "RO": "Law 506/2004 art. 12",
    "RU": "Advertising Law 38-FZ art. 18",
    "SA": "PDPL art. 25",
    "SI": "ZEKom-2, consent of natural persons",
    "SK": "Electronic Communications Act 452/2021 § 116",
    "VN": "Decree 91/2020",
    "ZA": "POPIA s. 69, companies included",
}

_ASKS = " asks for prior consent "


def objection(lead: Lead, settings: Settings, country: str, waivers: frozenset[Waiver], basis: str) -> Stop | None:
    """Send a lead to review whose country asks for prior consent, until a human has said what it rests on."""
    law = PRIOR_CONSENT.get(country.upper())
    if law is None or lead.consent_note.strip():
        return None
    if settings.consent_settled & {ALL_COUNTRIES, country.upper()}:
        return None
    if waived(Objection.CONSENT, basis, waivers):
        return None
    return Stop(
        stage=Stage.REVIEW,
        objection=Objection.CONSENT,
        why=asking(f"{country.upper()}{_ASKS}({law})", Objection.CONSENT),
    )


def country_asking(why: str) -> str:
    """The country of which `objection` says that it asks for prior consent; empty for any other reason."""
    country = why[:2]
    return country if why[2:].startswith(_ASKS) and country in PRIOR_CONSENT else ""


def consent_of_several(countries: Mapping[str, int]) -> str:
    """The same objection for the leads of several countries, told once."""
    ranked = sorted(countries.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{country} {count:,}" for country, count in ranked)
    return asking(f"prior consent asked for ({told})", Objection.CONSENT)


def faults_of_campaign(campaign: Campaign, mailer: str) -> list[str]:
    """What the campaign must still say before a real mailer may be used; a maildir asks for nothing."""
    if mailer == "maildir":
        return []
    needed = {
        "sender.name": (campaign.sender.name, "the name of the person who writes"),
        "sender.email": (campaign.sender.email, "the address the mail comes from"),
        "postal_address": (campaign.postal_address, "the sender's postal address"),
        "opt_out_line": (campaign.opt_out_line, "one line that tells the recipient how to object"),
    }
    return [
        f"[campaign] {key} is missing: mailer {mailer} needs {what}; write it, or use mailer maildir."
        for key, (value, what) in needed.items()
        if not value.strip(" .…\t\n")
    ]
