"""Which part of a country does the name of a region or a large city decide?

The parts bear the codes that the `holidays` library gives them. A city stands here only where its name decides:
Portland (Oregon or Maine) does not. Semicolons part the names.
"""

from collections.abc import Mapping

# Names of regions that lists hold besides those that `holidays` knows.
REGION_NAMES: Mapping[str, Mapping[str, str]] = {
    "AT": {
        "2": "Carinthia",
        "3": "Lower Austria",
        "4": "Upper Austria",
        "6": "Styria",
        "7": "Tyrol",
        "9": "Vienna",
    },
    "BR": {
        "DF": "Federal District",
    },
    "CH": {
        "BE": "Canton of Bern",
        "BL": "Baselland",
        "BS": "Basel; Basel-City",
        "GE": "Geneva; Genf; Canton of Geneva",
        "GR": "Grisons",
        "LU": "Lucerne",
        "NE": "Neuenburg",
        "SG": "St. Gallen; St. Gall",
        "TI": "Tessin",
        "VD": "Waadt; Canton of Vaud",
        "ZH": "Canton of Zurich; Zuerich; Kanton Zürich",
    },
    "DE": {
        "BW": "Baden-Wuerttemberg",
        "BY": "Bavaria",
        "HE": "Hesse",
        "MV": "Mecklenburg-Western Pomerania",
        "NI": "Lower Saxony",
        "NW": "North Rhine-Westphalia; NRW",
        "RP": "Rhineland-Palatinate",
        "SN": "Saxony",
        "ST": "Saxony-Anhalt",
        "TH": "Thuringia; Thueringen",
    },
    "ES": {
        "AN": "Andalusia",
        "AR": "Aragon",
        "AS": "Principado de Asturias",
        "CL": "Castile and León",
        "CM": "Castilla-La Mancha; Castile-La Mancha",
        "CN": "Canary Islands; Islas Canarias",
        "CT": "Catalonia",
        "IB": "Balearic Islands; Illes Balears",
        "MC": "Región de Murcia",
        "MD": "Comunidad de Madrid; Community of Madrid",
        "NC": "Navarre",
        "PV": "Basque Country; Euskadi",
        "VC": "Comunidad Valenciana; Valencian Community; Valencia",
    },
    "FR": {
        "973": "French Guiana",
        "974": "Réunion",
    },
    "PT": {
        "11": "Lisbon",
        "20": "Açores; Azores",
        "30": "Madeira",
    },
    "US": {
        "DC": "Washington DC",
    },
}

# Large cities, for rows without a region, in countries whose holidays or zones differ from part to part.
CITIES: Mapping[str, Mapping[str, str]] = {
    "AT": {
        "4": "Linz",
        "5": "Salzburg",
        "6": "Graz",
        "7": "Innsbruck",
        "9": "Wien; Vienna",
    },
    "AU": {
        "ACT": "Canberra",
        "NSW": "Sydney; North Sydney; Newcastle; Wollongong; Parramatta; Broken Hill",
        "NT": "Darwin; Alice Springs",
        "QLD": "Brisbane; Gold Coast; Cairns; Townsville; Toowoomba; Sunshine Coast",
        "SA": "Adelaide",
        "TAS": "Hobart; Launceston",
        "VIC": "Melbourne; Geelong; Ballarat; Bendigo",
        "WA": "Perth; Fremantle",
    },
    "BR": {
        "AC": "Rio Branco",
        "AL": "Maceió",
        "AM": "Manaus",
        "AP": "Macapá",
        "BA": "Salvador; Feira de Santana",
        "CE": "Fortaleza",
        "DF": "Brasília",
        "ES": "Vitória; Vila Velha",
        "GO": "Goiânia; Anápolis",
        "MA": "São Luís",
        "MG": "Belo Horizonte; Uberlândia; Contagem; Juiz de Fora; Betim",
        "MS": "Campo Grande; Dourados",
        "MT": "Cuiabá; Várzea Grande; Rondonópolis",
        "PA": "Belém; Ananindeua",
        "PB": "João Pessoa; Campina Grande",
        "PE": "Recife; Olinda; Caruaru",
        "PI": "Teresina",
        "PR": "Curitiba; Londrina; Maringá; Ponta Grossa; Cascavel",
        "RJ": "Rio de Janeiro; Niterói; Petrópolis",
        "RN": "Natal; Mossoró",
        "RO": "Porto Velho",
        "RR": "Boa Vista",
        "RS": "Porto Alegre; Caxias do Sul; Canoas; Pelotas; Novo Hamburgo",
        "SC": "Florianópolis; Joinville; Blumenau; Itajaí; Chapecó",
        "SE": "Aracaju",
        "SP": (
            "São Paulo; Campinas; Guarulhos; Santos; São Bernardo do Campo; Santo André; Osasco; Ribeirão Preto; "
            "Sorocaba; São José dos Campos; Barueri; Jundiaí; Piracicaba; Bauru"
        ),
        "TO": "Palmas",
    },
    "CA": {
        "AB": "Calgary; Edmonton; Red Deer; Lethbridge; Fort McMurray",
        "BC": "Vancouver; Burnaby; Surrey; Richmond; Victoria; Kelowna; Coquitlam; Langley; Abbotsford; Nanaimo",
        "MB": "Winnipeg; Brandon",
        "NB": "Moncton; Fredericton; Saint John",
        "NL": "St. John's",
        "NS": "Halifax; Dartmouth",
        "NT": "Yellowknife",
        "NU": "Iqaluit",
        "ON": (
            "Toronto; Ottawa; Mississauga; Brampton; Hamilton; Markham; Vaughan; Kitchener; Waterloo; Oakville; "
            "Burlington; Barrie; Guelph; Oshawa; Kenora; Sudbury; Thunder Bay; Richmond Hill; North York; Etobicoke"
        ),
        "PE": "Charlottetown",
        "QC": (
            "Montréal; Québec City; Laval; Gatineau; Longueuil; Sherbrooke; Trois-Rivières; Lévis; Saint-Laurent; "
            "Brossard"
        ),
        "SK": "Regina; Saskatoon",
        "YT": "Whitehorse",
    },
    "CH": {
        "BE": "Bern; Berne; Biel; Thun",
        "BS": "Basel; Bâle",
        "GE": "Genève; Geneva; Genf",
        "LU": "Luzern; Lucerne",
        "NE": "Neuchâtel",
        "SG": "St. Gallen",
        "SH": "Schaffhausen",
        "TI": "Lugano; Bellinzona; Locarno",
        "VD": "Lausanne; Montreux; Nyon; Vevey",
        "VS": "Sion",
        "ZG": "Zug; Baar",
        "ZH": "Zürich; Zuerich; Winterthur; Dübendorf",
    },
    "DE": {
        "Augsburg": "Augsburg",
        "BB": "Potsdam; Cottbus",
        "BE": "Berlin",
        "BW": (
            "Stuttgart; Karlsruhe; Mannheim; Heidelberg; Ulm; Heilbronn; Freiburg im Breisgau; Pforzheim; Reutlingen; "
            "Walldorf; Konstanz; Tübingen; Tuebingen; Ludwigsburg; Esslingen"
        ),
        "BY": (
            "München; Munich; Muenchen; Nürnberg; Nuremberg; Nuernberg; Regensburg; Ingolstadt; Würzburg; Wuerzburg; "
            "Erlangen; Bamberg; Bayreuth; Passau; Rosenheim; Landshut; Garching; Unterföhring; Herzogenaurach"
        ),
        "HB": "Bremen; Bremerhaven",
        "HE": (
            "Frankfurt am Main; Frankfurt; Wiesbaden; Darmstadt; Kassel; Offenbach; Offenbach am Main; Hanau; Eschborn"
        ),
        "HH": "Hamburg",
        "MV": "Rostock; Schwerin; Greifswald",
        "NI": "Hannover; Hanover; Braunschweig; Wolfsburg; Göttingen; Oldenburg; Osnabrück; Hildesheim; Lüneburg",
        "NW": (
            "Köln; Cologne; Koeln; Düsseldorf; Duesseldorf; Dortmund; Essen; Duisburg; Bochum; Wuppertal; Bielefeld; "
            "Bonn; Münster; Muenster; Aachen; Gelsenkirchen; Mönchengladbach; Krefeld; Leverkusen; Paderborn"
        ),
        "RP": "Mainz; Koblenz; Trier; Kaiserslautern; Ludwigshafen; Ludwigshafen am Rhein",
        "SH": "Kiel; Lübeck; Luebeck; Flensburg",
        "SL": "Saarbrücken; Saarbruecken",
        "SN": "Leipzig; Dresden; Chemnitz; Zwickau",
        "ST": "Magdeburg; Halle (Saale); Dessau; Halle",
        "TH": "Erfurt; Jena; Weimar; Gera",
    },
    "ES": {
        "AN": "Sevilla; Seville; Málaga; Granada; Córdoba; Cádiz; Almería",
        "AR": "Zaragoza",
        "AS": "Oviedo; Gijón",
        "Barcelona": "Barcelona",
        "CB": "Santander",
        "CE": "Ceuta",
        "CL": "Valladolid; Burgos; Salamanca; León",
        "CM": "Toledo; Albacete",
        "CN": "Las Palmas; Las Palmas de Gran Canaria; Santa Cruz de Tenerife; Tenerife; La Laguna; Arrecife",
        "CT": "Tarragona; Girona; Lleida; Sabadell; Terrassa; Sant Cugat del Vallès; L'Hospitalet de Llobregat",
        "EX": "Badajoz; Cáceres",
        "GA": "Vigo; A Coruña; La Coruña; Santiago de Compostela",
        "IB": "Palma; Palma de Mallorca; Ibiza",
        "MC": "Murcia; Cartagena",
        "MD": "Madrid; Alcobendas; Pozuelo de Alarcón",
        "ML": "Melilla",
        "NC": "Pamplona",
        "PV": "Bilbao; San Sebastián; Vitoria-Gasteiz; Donostia",
        "RI": "Logroño",
        "VC": "Valencia; Alicante; Elche; Castellón de la Plana",
    },
    "FR": {
        "57": "Metz; Thionville",
        "6AE": "Strasbourg; Mulhouse; Colmar",
        "972": "Fort-de-France",
        "976": "Mamoudzou",
    },
    "GB": {
        "NIR": "Belfast; Derry; Londonderry; Lisburn",
        "SCT": "Edinburgh; Glasgow; Aberdeen; Dundee; Inverness; Stirling",
        "WLS": "Cardiff; Swansea; Wrexham",
    },
    "IN": {
        "AP": "Visakhapatnam; Vijayawada",
        "CH": "Chandigarh",
        "DL": "New Delhi; Delhi",
        "GJ": "Ahmedabad; Surat; Vadodara",
        "HR": "Gurgaon; Gurugram; Faridabad",
        "KA": "Bengaluru; Bangalore; Mysuru; Mysore",
        "KL": "Kochi; Cochin; Thiruvananthapuram; Trivandrum",
        "MH": "Mumbai; Bombay; Pune; Nagpur; Navi Mumbai; Thane",
        "MP": "Indore; Bhopal",
        "RJ": "Jaipur; Udaipur",
        "TN": "Chennai; Madras; Coimbatore",
        "TS": "Hyderabad; Secunderabad",
        "UP": "Noida; Lucknow; Ghaziabad",
        "WB": "Kolkata; Calcutta",
    },
    "NZ": {
        "AUK": "Auckland",
        "CAN": "Christchurch",
        "OTA": "Dunedin; Queenstown",
        "WGN": "Wellington",
        "WKO": "Hamilton",
    },
    "PT": {
        "11": "Lisboa; Lisbon",
        "13": "Porto; Oporto",
        "20": "Ponta Delgada",
        "30": "Funchal",
    },
    "US": {
        "AK": "Anchorage; Fairbanks; Juneau",
        "AL": "Huntsville; Montgomery; Birmingham",
        "AR": "Little Rock; Bentonville",
        "AZ": "Phoenix; Tucson; Scottsdale; Tempe; Mesa; Chandler",
        "CA": (
            "Los Angeles; San Francisco; SF; San Diego; San Jose; Oakland; Sacramento; Palo Alto; Mountain View; "
            "Irvine; Santa Monica; Sunnyvale; Santa Clara; Menlo Park; Cupertino; Berkeley; Long Beach; Redwood City; "
            "San Mateo; Fresno; Anaheim; Bakersfield; San Francisco Bay Area; Beverly Hills; Culver City"
        ),
        "CO": "Denver; Boulder; Colorado Springs; Fort Collins",
        "CT": "Hartford; Stamford; New Haven",
        "DC": "Washington; Washington DC",
        "FL": (
            "Miami; Orlando; Tampa; Fort Lauderdale; Jacksonville; Boca Raton; West Palm Beach; Tallahassee; "
            "Sarasota; Saint Petersburg; Miami Beach; Naples"
        ),
        "GA": "Atlanta; Savannah; Alpharetta",
        "HI": "Honolulu",
        "IA": "Des Moines; Cedar Rapids",
        "ID": "Boise; Coeur d'Alene",
        "IL": "Chicago; Naperville; Schaumburg; Evanston",
        "IN": "Indianapolis; Fort Wayne",
        "KS": "Wichita; Overland Park; Topeka",
        "KY": "Louisville",
        "LA": "New Orleans; Baton Rouge; Shreveport",
        "MA": "Boston; Cambridge; Worcester; Waltham",
        "MD": "Baltimore; Bethesda; Annapolis; Silver Spring",
        "MI": "Detroit; Ann Arbor; Grand Rapids; Lansing",
        "MN": "Minneapolis; St. Paul; Minnetonka",
        "MO": "St. Louis; Kansas City",
        "NC": "Charlotte; Raleigh; Durham; Greensboro; Winston-Salem; Asheville",
        "ND": "Fargo; Bismarck",
        "NE": "Omaha",
        "NJ": "Jersey City; Hoboken; Princeton; Trenton",
        "NM": "Albuquerque; Santa Fe",
        "NV": "Las Vegas; Reno; Henderson",
        "NY": (
            "New York; New York City; NYC; Brooklyn; Manhattan; Queens; Bronx; Buffalo; White Plains; Long Island "
            "City; Greater New York City Area; Yonkers; Syracuse"
        ),
        "OH": "Cleveland; Cincinnati; Columbus; Toledo; Akron; Dayton",
        "OK": "Oklahoma City; Tulsa",
        "OR": "Bend; Beaverton",
        "PA": "Philadelphia; Pittsburgh; Allentown; Harrisburg",
        "PR": "San Juan",
        "RI": "Providence",
        "SD": "Sioux Falls; Rapid City",
        "TN": "Nashville; Memphis; Knoxville; Chattanooga",
        "TX": (
            "Houston; Dallas; Austin; San Antonio; Fort Worth; El Paso; Plano; Irving; Frisco; Corpus Christi; The "
            "Woodlands; Lubbock; Round Rock"
        ),
        "UT": "Salt Lake City; Provo; Lehi; Park City; Draper",
        "VA": "Virginia Beach; Norfolk; Reston; McLean; Chesapeake",
        "WA": "Seattle; Bellevue; Redmond; Tacoma; Spokane; Kirkland",
        "WI": "Milwaukee; Madison; Green Bay",
        "WV": "Morgantown",
        "WY": "Cheyenne; Jackson Hole",
    },
}
