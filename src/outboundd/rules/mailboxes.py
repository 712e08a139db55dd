"""Is this address one person's own lasting mailbox, or a role's, or one to be thrown away?"""

import re

from disposable_email_domains import blocklist

from outboundd.model.decision import Objection, Stop, Waiver
from outboundd.model.lead import Lead, Stage
from outboundd.rules import addresses, basis
from outboundd.rules.human_acts import asking

# Names of functions, as RFC 2142 and companies' own imprints have them. A mail there reaches whoever is on duty, so a
# personal letter is out of place. Words that are also somebody's name are left out (post, ola, list).
_ROLES = """
    info information infos mail email inbox postmaster hostmaster webmaster web www abuse noc security root admin
    administrator administration admins it itsupport helpdesk support help service services customerservice customercare
    kundenservice kundendienst serviceclient serviceclients atencionalcliente sav
    noreply donotreply mailerdaemon bounce bounces newsletter news lists subscribe unsubscribe privacy datenschutz
    dpo gdpr dsgvo legal compliance
    contact contacts contactus kontakt contacto contatto contatti contato hello hallo hi hey hola bonjour ciao
    office buero büro biuro sekretariat secretariat segreteria secretaria empfang reception accueil recepcion receptie
    zentrale verwaltung administratie administracion amministrazione administracao direction direccion direzione
    geschaeftsleitung geschäftsleitung management team staff all everyone company firma
    sales vertrieb verkauf verkoop ventes vendas ventas vendite salg sprzedaz commercial comercial commerciale
    marketing press presse prensa stampa media pr communications kommunikation partner partners partnership partnerships
    order orders bestellung bestellungen commande commandes pedidos ordini einkauf purchasing procurement achats compras
    acquisti billing invoice invoices invoicing rechnung rechnungen facturation facturacion fatture faktura payments
    accounting accounts accountspayable accountsreceivable buchhaltung comptabilite compta contabilidad contabilita
    finance finanzen finances financeiro
    jobs job career careers karriere bewerbung bewerbungen recruiting recruitment recruiter recrutement talent hr
    humanresources personal rh rrhh empleo lavoro
    booking bookings reservation reservations reservierung enquiry enquiries inquiry inquiries anfrage anfragen request
    requests feedback shop store webshop onlineshop events event training academy school library
"""
ROLES = frozenset(_ROLES.split())
_TAIL = re.compile(r"[-_+].*|\d+$")  # sales-uk, info_berlin, info+list, info2


def fault(address: str) -> str:
    """What is wrong with the mailbox of an address, in words; empty when nothing is, or when the address is broken."""
    try:
        local, _, domain = addresses.normalise(address).partition("@")
    except ValueError:
        return ""
    if _is_role(local):
        return "a role's address, such as info@ or sales@, not one person's"
    return "an address at a provider of throwaway mailboxes" if _is_disposable(domain) else ""


def objection(lead: Lead, waivers: frozenset[Waiver]) -> Stop | None:
    """Send a lead to review whose mailbox is nobody's own, before anything is written to it."""
    why = fault(lead.email)
    if not why or basis.waived(Objection.MAILBOX, basis.identity(lead), waivers):
        return None
    return Stop(stage=Stage.REVIEW, objection=Objection.MAILBOX, why=asking(why, Objection.MAILBOX))


def _is_role(local: str) -> bool:
    return bool({_TAIL.sub("", local), re.sub(r"[-_.]", "", local)} & ROLES)


def _is_disposable(domain: str) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels)))
