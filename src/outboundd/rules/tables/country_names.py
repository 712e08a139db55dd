"""Which codes and names of countries do lists hold besides the English names of iso3166.tab?"""

from collections.abc import Mapping

# ISO 3166 alpha-2 and alpha-3.
ALPHA_3 = """
AD AND AE ARE AF AFG AG ATG AI AIA AL ALB AM ARM AO AGO AQ ATA AR ARG AS ASM AT AUT AU AUS AW ABW AX ALA AZ AZE BA BIH
BB BRB BD BGD BE BEL BF BFA BG BGR BH BHR BI BDI BJ BEN BL BLM BM BMU BN BRN BO BOL BQ BES BR BRA BS BHS BT BTN BV BVT
BW BWA BY BLR BZ BLZ CA CAN CC CCK CD COD CF CAF CG COG CH CHE CI CIV CK COK CL CHL CM CMR CN CHN CO COL CR CRI CU CUB
CV CPV CW CUW CX CXR CY CYP CZ CZE DE DEU DJ DJI DK DNK DM DMA DO DOM DZ DZA EC ECU EE EST EG EGY EH ESH ER ERI ES ESP
ET ETH FI FIN FJ FJI FK FLK FM FSM FO FRO FR FRA GA GAB GB GBR GD GRD GE GEO GF GUF GG GGY GH GHA GI GIB GL GRL GM GMB
GN GIN GP GLP GQ GNQ GR GRC GS SGS GT GTM GU GUM GW GNB GY GUY HK HKG HM HMD HN HND HR HRV HT HTI HU HUN ID IDN IE IRL
IL ISR IM IMN IN IND IO IOT IQ IRQ IR IRN IS ISL IT ITA JE JEY JM JAM JO JOR JP JPN KE KEN KG KGZ KH KHM KI KIR KM COM
KN KNA KP PRK KR KOR KW KWT KY CYM KZ KAZ LA LAO LB LBN LC LCA LI LIE LK LKA LR LBR LS LSO LT LTU LU LUX LV LVA LY LBY
MA MAR MC MCO MD MDA ME MNE MF MAF MG MDG MH MHL MK MKD ML MLI MM MMR MN MNG MO MAC MP MNP MQ MTQ MR MRT MS MSR MT MLT
MU MUS MV MDV MW MWI MX MEX MY MYS MZ MOZ NA NAM NC NCL NE NER NF NFK NG NGA NI NIC NL NLD NO NOR NP NPL NR NRU NU NIU
NZ NZL OM OMN PA PAN PE PER PF PYF PG PNG PH PHL PK PAK PL POL PM SPM PN PCN PR PRI PS PSE PT PRT PW PLW PY PRY QA QAT
RE REU RO ROU RS SRB RU RUS RW RWA SA SAU SB SLB SC SYC SD SDN SE SWE SG SGP SH SHN SI SVN SJ SJM SK SVK SL SLE SM SMR
SN SEN SO SOM SR SUR SS SSD ST STP SV SLV SX SXM SY SYR SZ SWZ TC TCA TD TCD TF ATF TG TGO TH THA TJ TJK TK TKL TL TLS
TM TKM TN TUN TO TON TR TUR TT TTO TV TUV TW TWN TZ TZA UA UKR UG UGA UM UMI US USA UY URY UZ UZB VA VAT VC VCT VE VEN
VG VGB VI VIR VN VNM VU VUT WF WLF WS WSM YE YEM YT MYT ZA ZAF ZM ZMB ZW ZWE
"""

# Official long forms, common short ones, endonyms and what exports in other languages write; separated by semicolons.
ALIASES: Mapping[str, str] = {
    "AE": "UAE; Emirates; Vereinigte Arabische Emirate; Emiratos Árabes Unidos; Émirats arabes unis; الإمارات; VAE",
    "AF": "Islamic Republic of Afghanistan",
    "AG": "Antigua; Barbuda",
    "AL": "Shqipëria; Albanien; Republic of Albania",
    "AM": "Hayastan; Armenien; Հայաստան; Republic of Armenia",
    "AR": "Argentinien; Argentine; República Argentina; Argentine Republic",
    "AS": "American Samoa",
    "AT": "Österreich; Oesterreich; Autriche; Republic of Austria; Oostenrijk; Rakousko",
    "AU": "Australien; Australie; Commonwealth of Australia; Aus",
    "AX": "Aland",
    "AZ": "Azərbaycan; Azerbaycan; Aserbaidschan",
    "BA": "Bosnia and Herzegovina; Bosnia; Bosna i Hercegovina; Bosnien und Herzegowina; Bosnia Herzegovina",
    "BD": "Bangladesch; People's Republic of Bangladesh; বাংলাদেশ",
    "BE": "België; Belgique; Belgien; Bélgica; Belgio; Kingdom of Belgium",
    "BG": "България; Bulgarien; Balgariya; Republic of Bulgaria; Bulgarie",
    "BH": "Kingdom of Bahrain; البحرين",
    "BL": "Saint Barthélemy",
    "BN": "Brunei Darussalam",
    "BO": "Bolivia, Plurinational State of; Plurinational State of Bolivia; Bolivien",
    "BQ": "Bonaire, Sint Eustatius and Saba; Bonaire; Caribbean Netherlands; Sint Eustatius; Saba",
    "BR": "Brasil; Brasilien; Brésil; Brasile; Federative Republic of Brazil; Brazilië; República Federativa do Brasil",
    "BS": "The Bahamas",
    "BY": "Беларусь; Belarus'; Weißrussland; Republic of Belarus; Byelorussia",
    "CA": "Kanada; Canadá",
    "CC": "Cocos Islands; Keeling Islands",
    "CD": (
        "Congo, The Democratic Republic of the; Democratic Republic of the Congo; DRC; DR Congo; Congo-Kinshasa; RDC; "
        "République démocratique du Congo; Demokratische Republik Kongo"
    ),
    "CF": "Central African Republic; République centrafricaine; CAR",
    "CG": "Congo; Republic of the Congo; Congo-Brazzaville; Congo, Republic of the",
    "CH": "Schweiz; Suisse; Svizzera; Svizra; Suiza; Suíça; Swiss; Swiss Confederation; Zwitserland; Švýcarsko",
    "CI": "Ivory Coast; Côte d'Ivoire; Elfenbeinküste; Cote d Ivoire; Costa de Marfil",
    "CL": "Chili; República de Chile; Republic of Chile",
    "CN": (
        "China, People's Republic of; People's Republic of China; PRC; P.R. China; P. R. China; Mainland China; 中国; "
        "中國; Zhongguo; VR China; Chine; Cina; China mainland"
    ),
    "CO": "Kolumbien; Colombie; República de Colombia; Republic of Colombia",
    "CU": "Kuba",
    "CV": "Cabo Verde; Kap Verde",
    "CW": "Curacao",
    "CY": "Κύπρος; Kypros; Zypern; Kıbrıs; Chypre; Republic of Cyprus",
    "CZ": "Czechia; Česko; Česká republika; Tschechien; Tschechische Republik; Chequia; République tchèque; Tchéquie",
    "DE": (
        "Deutschland; Allemagne; Alemania; Germania; Alemanha; Federal Republic of Germany; BRD; Bundesrepublik "
        "Deutschland; Duitsland; Tyskland; Niemcy; Německo; D"
    ),
    "DK": "Danmark; Dänemark; Dinamarca; Kingdom of Denmark; Denemarken",
    "DO": "República Dominicana; Dominikanische Republik; Dominican Rep.",
    "DZ": "Algérie; Algerien; الجزائر; Argelia",
    "EC": "Republic of Ecuador",
    "EE": "Eesti; Estland; Estonie; Republic of Estonia",
    "EG": "Ägypten; مصر; Misr; Égypte; Egipto; Arab Republic of Egypt",
    "ES": "España; Spanien; Espagne; Spagna; Espanha; Kingdom of Spain; Espanya; Spanje",
    "ET": "Äthiopien; Federal Democratic Republic of Ethiopia; Éthiopie",
    "FI": "Suomi; Finnland; Finlande; Finlandia; Republic of Finland",
    "FK": "Falkland Islands (Malvinas); Falklands; Islas Malvinas",
    "FM": "Micronesia, Federated States of; Federated States of Micronesia",
    "FO": "Faroes; Føroyar; Færøerne; Faroer",
    "FR": (
        "Frankreich; Francia; França; French Republic; République française; Frankrijk; Frankrike; Metropolitan "
        "France; Francja; F"
    ),
    "GB": (
        "UK; United Kingdom; Great Britain; Britain; England; Scotland; Wales; Northern Ireland; United Kingdom of "
        "Great Britain and Northern Ireland; U K; Vereinigtes Königreich; Großbritannien; Reino Unido; Royaume-Uni; "
        "Regno Unito; GB-UK; Verenigd Koninkrijk; Storbritannien"
    ),
    "GE": "Sakartvelo; Georgien; საქართველო; Géorgie; Republic of Georgia",
    "GM": "The Gambia",
    "GR": "Ελλάδα; Hellas; Griechenland; Grèce; Grecia; Hellenic Republic; Ellada; EL; Griekenland",
    "GS": "South Georgia; South Georgia and South Sandwich Islands",
    "HK": "Hong Kong SAR; Hongkong; Hong Kong SAR China; 香港; Hong Kong, China; H.K.",
    "HR": "Hrvatska; Kroatien; Croatie; Croacia; Republic of Croatia; Kroatië",
    "HU": "Magyarország; Ungarn; Hongrie; Hungría; Hongarije",
    "ID": "Indonesien; Republic of Indonesia; Indonésie",
    "IE": "Éire; Irland; Republic of Ireland; Irlande; Irlanda; Ierland",
    "IL": "ישראל; State of Israel; Israël; Yisrael",
    "IN": "Bharat; भारत; Indien; Inde; Republic of India; Índia",
    "IQ": "Irak; العراق; Republic of Iraq",
    "IR": "Iran, Islamic Republic of; Islamic Republic of Iran; ایران; Persia",
    "IS": "Ísland; Islande; Islandia",
    "IT": "Italia; Italien; Italie; Italian Republic; I",
    "JM": "Jamaika",
    "JO": "Jordanien; الأردن; Hashemite Kingdom of Jordan; Jordanie",
    "JP": "日本; Nippon; Nihon; Japon; Giappone; Japão",
    "KE": "Kenia; Republic of Kenya",
    "KG": "Кыргызстан; Kirgisistan; Kyrgyz Republic",
    "KH": "Kambodscha; Kampuchea; Kingdom of Cambodia; Cambodge",
    "KN": "St. Kitts and Nevis; St. Kitts",
    "KP": (
        "North Korea; DPRK; Korea, Democratic People's Republic of; Democratic People's Republic of Korea; Nordkorea; "
        "Korea, North"
    ),
    "KR": (
        "South Korea; Korea; Republic of Korea; Korea, Republic of; 대한민국; 한국; Südkorea; Corée du Sud; "
        "Corea del Sur; Korea, South; S. Korea; Hanguk; ROK"
    ),
    "KW": "الكويت; State of Kuwait",
    "KY": "Caymans",
    "KZ": "Қазақстан; Казахстан; Kasachstan; Qazaqstan; Republic of Kazakhstan",
    "LA": "Lao People's Democratic Republic; Lao PDR; Lao",
    "LB": "Libanon; لبنان; Liban; Líbano",
    "LC": "Saint Lucia",
    "LT": "Lietuva; Litauen; Lituanie; Republic of Lithuania; Lituania",
    "LU": "Luxemburg; Lëtzebuerg; Luxemburgo; Grand Duchy of Luxembourg",
    "LV": "Latvija; Lettland; Lettonie; Republic of Latvia; Letonia",
    "LY": "Libyen; State of Libya; Libyan Arab Jamahiriya",
    "MA": "Maroc; Marokko; المغرب; Marruecos; Kingdom of Morocco",
    "MC": "Principality of Monaco",
    "MD": "Moldova, Republic of; Republic of Moldova; Moldawien; Moldavia; Moldau",
    "ME": "Crna Gora",
    "MF": "Saint Martin (French part); Saint-Martin",
    "MK": (
        "Macedonia; Северна Македонија; Severna Makedonija; FYROM; Republic of North Macedonia; Nordmazedonien; "
        "Macedonia, the former Yugoslav Republic of"
    ),
    "MM": "Myanmar; Burma",
    "MN": "Mongolei; Монгол",
    "MO": "Macao; Macao SAR; Macau SAR; 澳門; Macao SAR China",
    "MT": "Republic of Malta",
    "MU": "Maurice",
    "MV": "Malediven",
    "MX": "México; Mexiko; Mexique; Messico; Méjico; United Mexican States; Estados Unidos Mexicanos",
    "MY": "Malaysien; Malaisie; Malasia",
    "MZ": "Moçambique; Mosambik",
    "NA": "Republic of Namibia",
    "NG": "Federal Republic of Nigeria",
    "NL": (
        "Nederland; Holland; The Netherlands; Niederlande; Pays-Bas; Países Bajos; Paesi Bassi; Hollande; Holanda; "
        "Kingdom of the Netherlands; Netherland; Nizozemsko"
    ),
    "NO": "Norge; Noreg; Norwegen; Norvège; Noruega; Kingdom of Norway; Noorwegen",
    "NP": "नेपाल; Federal Democratic Republic of Nepal",
    "NZ": "Aotearoa; Neuseeland; Nouvelle-Zélande; Nueva Zelanda; N.Z.",
    "OM": "Sultanate of Oman; عمان",
    "PA": "Panamá",
    "PE": "Perú; Republic of Peru; Pérou",
    "PH": "Pilipinas; Philippinen; The Philippines; Republic of the Philippines; Filipinas",
    "PK": "پاکستان; Islamic Republic of Pakistan",
    "PL": "Polska; Polen; Pologne; Polonia; Republic of Poland; Polsko",
    "PM": "Saint Pierre and Miquelon",
    "PN": "Pitcairn Islands",
    "PR": "P.R.",
    "PS": (
        "Palestine, State of; State of Palestine; Palestinian Territories; Palestinian Territory; Palestinian "
        "Territory, Occupied; West Bank"
    ),
    "PT": "Portuguese Republic; Portogallo",
    "PY": "Republic of Paraguay",
    "QA": "قطر; State of Qatar; Katar",
    "RE": "La Réunion; Reunion Island",
    "RO": "România; Rumänien; Roumanie; Rumania; Roemenië",
    "RS": "Србија; Srbija; Serbien; Serbie; Republic of Serbia",
    "RU": "Russian Federation; Россия; Rossiya; Russland; Rusia; Russie; Rússia; Российская Федерация",
    "SA": (
        "KSA; Kingdom of Saudi Arabia; السعودية; المملكة العربية السعودية; Saudi-Arabien; Arabie saoudite; Arabia "
        "Saudita; Arabia Saudí; Saudi"
    ),
    "SC": "Seychellen",
    "SE": "Sverige; Schweden; Suède; Suecia; Svezia; Kingdom of Sweden; Zweden",
    "SG": "Singapur; Singapour; Republic of Singapore; 新加坡; Singapura",
    "SH": "Saint Helena, Ascension and Tristan da Cunha; Saint Helena",
    "SI": "Slovenija; Slowenien; Slovénie; Republic of Slovenia; Eslovenia",
    "SJ": "Svalbard; Spitsbergen",
    "SK": "Slovensko; Slowakei; Slovak Republic; Slovaquie; Slovenská republika; Eslovaquia",
    "SN": "Sénégal",
    "ST": "São Tomé e Príncipe; Sao Tome",
    "SV": "Salvador",
    "SX": "Sint Maarten; Sint Maarten (Dutch part); St. Maarten",
    "SY": "Syrian Arab Republic; Syrien",
    "SZ": "Eswatini; Swaziland; Kingdom of Eswatini",
    "TC": "Turks and Caicos Islands; Turks and Caicos",
    "TF": "French Southern Territories",
    "TH": "ประเทศไทย; ไทย; Kingdom of Thailand; Thaïlande; Tailandia",
    "TL": "Timor-Leste",
    "TN": "Tunesien; Tunisie; تونس; Túnez",
    "TR": "Türkiye; Türkei; Turquie; Turquía; Republic of Türkiye; Republic of Turkey; Turchia; Turkije",
    "TT": "Trinidad",
    "TW": "Taiwan, Province of China; 台灣; 臺灣; 台湾; Taiwan, ROC; Republic of China; Chinese Taipei",
    "TZ": "Tanzania, United Republic of; United Republic of Tanzania; Tansania",
    "UA": "Україна; Украина; Ukrayina; Ucraina; Ucrania; The Ukraine",
    "UM": "United States Minor Outlying Islands",
    "US": (
        "United States of America; U.S.; U.S.A.; U S A; U S; America; Estados Unidos; États-Unis; Vereinigte Staaten; "
        "Vereinigte Staaten von Amerika; Stati Uniti; The United States; EEUU; USA (United States); Verenigde Staten; "
        "Estados Unidos de América; United States (USA); United State"
    ),
    "UY": "Oriental Republic of Uruguay",
    "UZ": "Oʻzbekiston; Ozbekiston; Usbekistan; Узбекистан",
    "VA": "Holy See; Vatican; Holy See (Vatican City State); Vatican City State",
    "VC": "Saint Vincent and the Grenadines",
    "VE": "Venezuela, Bolivarian Republic of; Bolivarian Republic of Venezuela",
    "VG": "British Virgin Islands; Virgin Islands, British; BVI",
    "VI": "U.S. Virgin Islands; Virgin Islands, U.S.; USVI",
    "VN": "Viet Nam; Socialist Republic of Vietnam",
    "WS": "Samoa",
    "YE": "Jemen; Republic of Yemen",
    "ZA": "RSA; Republic of South Africa; Südafrika; Suid-Afrika; Afrique du Sud; Sudáfrica; S. Africa; Mzansi",
    "ZM": "Sambia",
    "ZW": "Simbabwe",
}
