"""Under which header names do exports keep the columns of a lead?

Names are compared without case, blanks and punctuation ("E-Mail-Adresse" is "emailadresse"); of several that a file
has, the first listed here is taken. English, German, Spanish and French, and the usual prospecting tools.
"""

from collections.abc import Mapping

_NAMES = {
    "email": """
        email workemail businessemail professionalemail corporateemail emailaddress workemailaddress mail mailaddress
        mailadresse emailadresse emailadr geschäftlicheemail emailgeschäftlich primaryemail contactemail personemail
        email1 email1value correo correoelectrónico correoelectronico correodetrabajo courriel adressemail
        adresseemail emailprofessionnel adresseélectronique""",
    "contact": """
        contact contactname contactperson contactfullname fullname personname leadname ansprechpartner kontakt
        kontaktperson vollständigername nombrecompleto contacto personadecontacto nomcomplet personneàcontacter""",
    "title": """
        title jobtitle position role function designation currenttitle currentposition funktion berufsbezeichnung
        stellenbezeichnung jobtitel rolle cargo puesto función poste fonction intitulédeposte titredeposte""",
    "company": """
        company companyname account accountname organization organisation organizationname organisationname
        companynameforemails employer currentcompany firma firmenname unternehmen unternehmensname empresa compañía
        compania nombredelaempresa organización entreprise société societe nomdelentreprise raisonsociale""",
    "website": """
        website companywebsite companydomain companydomainname companyurl domain domainname websiteurl web webseite
        webaddress homepage internet internetseite internetadresse firmenwebsite url sitioweb páginaweb paginaweb
        dominio siteweb siteinternet domaine""",
    "linkedin": """
        linkedin linkedinurl personlinkedinurl personlinkedin linkedinprofile linkedinprofileurl contactlinkedin
        contactlinkedinprofileurl linkedinprofil profillinkedin perfildelinkedin profileurl""",
    "country": """
        country countryregion personcountry contactcountry countrycode countryname companycountry land staat
        landregion país pais paísregión pays paysrégion""",
    "region": """
        region state stateregion stateprovince personstate contactstate province county companystate bundesland kanton
        provinz estado provincia comunidadautónoma región région departement département canton""",
    "city": "city town personcity contactcity companycity stadt ort wohnort ciudad localidad ville commune",
    "timezone": "timezone tz zeitzone zonahoraria husohorario fuseauhoraire",
    "source": "source leadsource originalsource quelle herkunft fuente origen provenance",
    "source_date": "sourcedate dateadded collectedat collectedon erhobenam quelledatum fechadeorigen datedecollecte",
    "consent_note": """
        consentnote consent legalbasis einwilligung einwilligungsnotiz rechtsgrundlage consentimiento consentement""",
    "do_not_contact": """
        donotcontact dnc donotemail optout optedout emailoptout nichtkontaktieren nocontactar nepascontacter""",
    "owner_notes": """
        ownernotes notes note comment comments remarks notizen notiz bemerkung bemerkungen kommentar anmerkung
        anmerkungen notas comentarios observaciones remarques commentaires""",
}

HEADER_NAMES: Mapping[str, tuple[str, ...]] = {field: tuple(names.split()) for field, names in _NAMES.items()}

# A name in two columns is joined to Contact; where neither is there, a bare "Name" is the person's.
FIRST_NAMES = ("firstname", "first", "givenname", "forename", "vorname", "nombre", "prénom", "prenom")
LAST_NAMES = ("lastname", "last", "surname", "familyname", "nachname", "familienname", "apellido", "apellidos", "nom")
BARE_NAMES = ("name", "nombre", "nom")
