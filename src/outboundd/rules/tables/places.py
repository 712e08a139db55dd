"""Which zone does the name of a region or a city decide, in a country or a region of several zones?

A name stands here only where it decides; a lead whose city says nothing is held to the hours of the whole country or
region, which suit all that it may mean.
"""

from collections.abc import Mapping

# The key is a country, or a country and the code of a region that lies in several zones. Semicolons part the names.
PLACES: Mapping[str, Mapping[str, str]] = {
    "AU": {
        "Australia/Lord_Howe": "Lord Howe Island; Lord Howe",
    },
    "AU-NSW": {
        "Australia/Broken_Hill": "Broken Hill",
        "Australia/Lord_Howe": "Lord Howe Island; Lord Howe",
    },
    "AU-WA": {
        "Australia/Eucla": "Eucla",
    },
    "BR-AM": {
        "America/Eirunepe": "Eirunepé; Tabatinga; Benjamin Constant",
    },
    "BR-PA": {
        "America/Santarem": "Santarém; Itaituba; Altamira",
    },
    "BR-PE": {
        "America/Noronha": "Fernando de Noronha",
    },
    "CA-BC": {
        "America/Creston": "Creston",
        "America/Dawson_Creek": "Dawson Creek; Fort St. John",
        "America/Edmonton": "Cranbrook; Fernie; Kimberley; Golden; Invermere",
        "America/Fort_Nelson": "Fort Nelson",
    },
    "CA-NL": {
        "America/Goose_Bay": "Goose Bay; Happy Valley-Goose Bay; Labrador City; Wabush",
    },
    "CA-NU": {
        "America/Atikokan": "Coral Harbour",
        "America/Cambridge_Bay": "Cambridge Bay; Kugluktuk",
        "America/Iqaluit": "Iqaluit",
        "America/Rankin_Inlet": "Rankin Inlet; Arviat; Baker Lake",
        "America/Resolute": "Resolute",
    },
    "CA-ON": {
        "America/Atikokan": "Atikokan",
        "America/Winnipeg": "Kenora; Dryden; Fort Frances; Rainy River",
    },
    "CA-QC": {
        "America/Blanc-Sablon": "Blanc-Sablon",
    },
    "CD": {
        "Africa/Kinshasa": "Kinshasa; Matadi; Boma; Bandundu; Mbandaka; Kikwit; Kongo Central; Bas-Congo; Équateur",
        "Africa/Lubumbashi": (
            "Lubumbashi; Goma; Bukavu; Kisangani; Mbuji-Mayi; Kananga; Kolwezi; Likasi; Bunia; Kindu; Haut-Katanga; "
            "Katanga; Lualaba; Nord-Kivu; North Kivu; Sud-Kivu; South Kivu; Tshopo; Ituri; Kalemie"
        ),
    },
    "CL": {
        "America/Coyhaique": "Coyhaique; Aysén; Aisén; Puerto Aysén; AI",
        "America/Punta_Arenas": "Punta Arenas; Magallanes; Magallanes y de la Antártica Chilena; Puerto Natales; MA",
        "America/Santiago": (
            "Santiago; Santiago de Chile; Región Metropolitana; Valparaíso; Viña del Mar; Concepción; Antofagasta; "
            "Temuco; Rancagua; Talca; Iquique; La Serena; Puerto Montt; Las Condes; Providencia; RM"
        ),
        "Pacific/Easter": "Easter Island; Isla de Pascua; Rapa Nui; Hanga Roa",
    },
    "EC": {
        "America/Guayaquil": "Quito; Guayaquil; Cuenca; Ambato; Manta; Loja; Pichincha; Guayas; Azuay; Manabí",
        "Pacific/Galapagos": "Galápagos; Galapagos Islands; Puerto Ayora; Puerto Baquerizo Moreno",
    },
    "ES": {
        "Africa/Ceuta": "Ceuta; Melilla; CE; ML",
        "Atlantic/Canary": (
            "Canarias; Islas Canarias; Canary Islands; Las Palmas; Las Palmas de Gran Canaria; Gran Canaria; Santa "
            "Cruz de Tenerife; Tenerife; La Laguna; San Cristóbal de La Laguna; Lanzarote; Arrecife; Fuerteventura; "
            "Puerto del Rosario; La Palma; La Gomera; El Hierro; Arona; Adeje; Telde; CN; GC; TF"
        ),
        "Europe/Madrid": (
            "Madrid; Comunidad de Madrid; Barcelona; Cataluña; Catalunya; Catalonia; Valencia; Sevilla; Seville; "
            "Andalucía; Andalusia; Zaragoza; Málaga; Bilbao; País Vasco; Basque Country; Galicia; Murcia; Palma; "
            "Palma de Mallorca; Alicante; Córdoba; Valladolid; Vigo; Granada; A Coruña; Vitoria-Gasteiz; San "
            "Sebastián; MD; CT"
        ),
    },
    "FR": {
        "America/Cayenne": "Guyane; Guyane française; French Guiana; Cayenne; 973",
        "America/Guadeloupe": "Guadeloupe; Pointe-à-Pitre; Basse-Terre; Les Abymes; 971",
        "America/Martinique": "Martinique; Fort-de-France; 972",
        "Indian/Mayotte": "Mayotte; Mamoudzou; 976",
        "Indian/Reunion": "La Réunion; Réunion; Saint-Denis de La Réunion; 974",
        "Pacific/Noumea": "Nouvelle-Calédonie; New Caledonia; Nouméa",
        "Pacific/Tahiti": "Polynésie française; French Polynesia; Tahiti; Papeete",
    },
    "GL": {
        "America/Nuuk": "Nuuk; Sisimiut; Ilulissat; Qaqortoq",
        "America/Thule": "Pituffik; Thule",
    },
    "ID": {
        "Asia/Jakarta": (
            "Jakarta; DKI Jakarta; Jakarta Selatan; South Jakarta; Jakarta Raya; Jakarta Pusat; Central Jakarta; "
            "Jakarta Barat; West Jakarta; Surabaya; Bandung; Medan; Semarang; Bekasi; Tangerang; Depok; Palembang; "
            "Bogor; Batam; Malang; Yogyakarta; Surakarta; Pekanbaru; Bandar Lampung; Padang; Jawa Barat; West Java; "
            "Jawa Timur; East Java; Jawa Tengah; Central Java; Banten; Sumatera Utara; North Sumatra; Sumatra; Java; "
            "Riau; Lampung; Aceh"
        ),
        "Asia/Jayapura": "Jayapura; Papua; Papua Barat; West Papua; Ambon; Maluku; Sorong; Timika; Manokwari; Ternate",
        "Asia/Makassar": (
            "Makassar; Bali; Denpasar; Badung; Ubud; Kuta; Balikpapan; Samarinda; Banjarmasin; Manado; Palu; Kendari; "
            "Mataram; Kupang; Lombok; Sulawesi Selatan; South Sulawesi; Sulawesi Utara; North Sulawesi; Kalimantan "
            "Timur; East Kalimantan; Kalimantan Selatan; South Kalimantan; Nusantara; NTB; NTT"
        ),
        "Asia/Pontianak": (
            "Pontianak; Kalimantan Barat; West Kalimantan; Palangka Raya; Kalimantan Tengah; Central Kalimantan"
        ),
    },
    "KI": {
        "Pacific/Kiritimati": "Kiritimati; Line Islands; Christmas Island",
        "Pacific/Tarawa": "Tarawa; South Tarawa",
    },
    "KZ": {
        "Asia/Almaty": (
            "Almaty; Astana; Nur-Sultan; Shymkent; Karaganda; Qaraghandy; Pavlodar; Oskemen; Semey; Taraz; Kokshetau"
        ),
        "Asia/Aqtau": "Aktau; Aqtau; Mangystau",
        "Asia/Aqtobe": "Aktobe; Aqtobe",
        "Asia/Atyrau": "Atyrau",
        "Asia/Oral": "Oral; Uralsk; West Kazakhstan",
        "Asia/Qostanay": "Kostanay; Qostanay",
        "Asia/Qyzylorda": "Kyzylorda; Qyzylorda",
    },
    "MN": {
        "Asia/Hovd": "Hovd; Khovd; Bayan-Ölgii; Uvs; Ölgii; Ulaangom",
        "Asia/Ulaanbaatar": "Ulaanbaatar; Ulan Bator",
    },
    "MX": {
        "America/Bahia_Banderas": "Bahía de Banderas; Nuevo Vallarta; Bucerías",
        "America/Cancun": "Cancún; Quintana Roo; Playa del Carmen; Chetumal; Tulum; Cozumel",
        "America/Ciudad_Juarez": "Ciudad Juárez; Juárez",
        "America/Hermosillo": "Hermosillo; Sonora; Ciudad Obregón; Nogales; Guaymas",
        "America/Matamoros": "Matamoros; Reynosa; Nuevo Laredo; Piedras Negras; Ciudad Acuña",
        "America/Mazatlan": (
            "Mazatlán; Culiacán; Sinaloa; Los Mochis; La Paz; Baja California Sur; Los Cabos; Cabo San Lucas; San "
            "José del Cabo; Tepic; Nayarit"
        ),
        "America/Merida": "Mérida; Yucatán; Campeche",
        "America/Mexico_City": (
            "Mexico City; Ciudad de México; CDMX; México D.F.; Distrito Federal; DF; Guadalajara; Zapopan; Jalisco; "
            "Puebla; León; Guanajuato; Querétaro; Santiago de Querétaro; Toluca; Estado de México; Aguascalientes; "
            "San Luis Potosí; Morelia; Michoacán; Veracruz; Xalapa; Cuernavaca; Morelos; Oaxaca; Chiapas; Tuxtla "
            "Gutiérrez; Villahermosa; Tabasco; Acapulco; Guerrero; Hidalgo; Pachuca; Tlaxcala; Zacatecas; Colima; "
            "Irapuato; Celaya; Naucalpan; Tlalnepantla; Puerto Vallarta; Tlaquepaque"
        ),
        "America/Monterrey": (
            "Monterrey; Nuevo León; San Pedro Garza García; San Nicolás de los Garza; Saltillo; Torreón; Coahuila; "
            "Durango; Tampico; Ciudad Victoria; Apodaca; Monclova"
        ),
        "America/Ojinaga": "Ojinaga",
        "America/Tijuana": "Tijuana; Mexicali; Ensenada; Baja California; Baja California Norte; Tecate; Rosarito",
    },
    "NZ": {
        "Pacific/Auckland": (
            "Auckland; Wellington; Christchurch; Hamilton; Tauranga; Dunedin; Canterbury; Waikato; Otago"
        ),
        "Pacific/Chatham": "Chatham Islands; Chatham Island; Waitangi Chatham; CIT",
    },
    "PF": {
        "Pacific/Gambier": "Gambier; Mangareva",
        "Pacific/Marquesas": "Marquesas; Marquesas Islands; Nuku Hiva",
    },
    "PG": {
        "Pacific/Bougainville": "Bougainville; Buka; Arawa",
        "Pacific/Port_Moresby": "Port Moresby; Lae",
    },
    "PT": {
        "Atlantic/Azores": (
            "Açores; Azores; Região Autónoma dos Açores; Ponta Delgada; Angra do Heroísmo; São Miguel; Horta; "
            "Terceira; 20"
        ),
        "Atlantic/Madeira": "Madeira; Região Autónoma da Madeira; Funchal; Porto Santo; 30",
        "Europe/Lisbon": (
            "Lisboa; Lisbon; Porto; Oporto; Braga; Coimbra; Aveiro; Faro; Setúbal; Leiria; Évora; Sintra; Cascais; "
            "Oeiras; Amadora; Almada; Guimarães; Vila Nova de Gaia; Matosinhos; Algarve; Viseu"
        ),
    },
    "RU": {
        "Asia/Anadyr": "Anadyr; Chukotka",
        "Asia/Barnaul": "Barnaul; Altai Krai; Biysk",
        "Asia/Chita": "Chita; Zabaykalsky Krai",
        "Asia/Irkutsk": "Irkutsk; Иркутск; Ulan-Ude; Buryatia; Irkutsk Oblast; Bratsk; Angarsk",
        "Asia/Kamchatka": "Petropavlovsk-Kamchatsky; Kamchatka; Kamchatka Krai",
        "Asia/Krasnoyarsk": "Krasnoyarsk; Красноярск; Krasnoyarsk Krai; Abakan; Norilsk; Kyzyl",
        "Asia/Magadan": "Magadan; Magadan Oblast",
        "Asia/Novokuznetsk": "Novokuznetsk; Kemerovo; Kemerovo Oblast; Kuzbass",
        "Asia/Novosibirsk": "Novosibirsk; Новосибирск; Novosibirsk Oblast",
        "Asia/Omsk": "Omsk; Омск; Omsk Oblast",
        "Asia/Sakhalin": "Yuzhno-Sakhalinsk; Sakhalin; Sakhalin Oblast",
        "Asia/Tomsk": "Tomsk; Томск; Tomsk Oblast",
        "Asia/Vladivostok": (
            "Vladivostok; Владивосток; Khabarovsk; Хабаровск; Primorsky Krai; Khabarovsk Krai; Ussuriysk; Nakhodka; "
            "Komsomolsk-on-Amur; Birobidzhan"
        ),
        "Asia/Yakutsk": "Yakutsk; Yakutia; Sakha; Blagoveshchensk; Amur Oblast",
        "Asia/Yekaterinburg": (
            "Yekaterinburg; Ekaterinburg; Екатеринбург; Chelyabinsk; Челябинск; Ufa; Уфа; Perm; Пермь; Tyumen; "
            "Orenburg; Magnitogorsk; Surgut; Kurgan; Bashkortostan; Sverdlovsk Oblast; Perm Krai; Nizhny Tagil"
        ),
        "Europe/Astrakhan": "Astrakhan; Astrakhan Oblast",
        "Europe/Kaliningrad": "Kaliningrad; Калининград; Kaliningrad Oblast",
        "Europe/Kirov": "Kirov; Kirov Oblast",
        "Europe/Moscow": (
            "Moscow; Москва; Moskva; Saint Petersburg; Sankt-Peterburg; Санкт-Петербург; Petersburg; Nizhny Novgorod; "
            "Kazan; Tatarstan; Rostov-on-Don; Krasnodar; Voronezh; Yaroslavl; Tula; Ryazan; Sochi; Tver; Moscow "
            "Oblast; Leningrad Oblast; Penza; Lipetsk; Kursk; Belgorod; Murmansk; Arkhangelsk; Vologda; Smolensk; "
            "Kaluga; Stavropol; Naberezhnye Chelny; Innopolis; Khimki"
        ),
        "Europe/Samara": "Samara; Самара; Tolyatti; Togliatti; Izhevsk; Udmurtia; Samara Oblast",
        "Europe/Saratov": "Saratov; Saratov Oblast",
        "Europe/Ulyanovsk": "Ulyanovsk; Ulyanovsk Oblast",
        "Europe/Volgograd": "Volgograd; Волгоград; Volgograd Oblast",
    },
    "US-AK": {
        "America/Adak": "Adak",
    },
    "US-FL": {
        "America/Chicago": "Pensacola; Panama City; Panama City Beach; Destin; Fort Walton Beach; Niceville",
    },
    "US-ID": {
        "America/Boise": "Boise; Meridian; Nampa; Caldwell; Twin Falls; Pocatello; Idaho Falls; Rexburg; Ketchum",
        "America/Los_Angeles": "Coeur d'Alene; Post Falls; Lewiston; Moscow; Sandpoint; Hayden",
    },
    "US-IN": {
        "America/Chicago": "Gary; Hammond; Merrillville; Crown Point; Valparaiso; Evansville; Schererville; Munster",
        "America/Indiana/Indianapolis": "Indianapolis; Fort Wayne; South Bend; Carmel; Fishers; Bloomington; Lafayette",
    },
    "US-KS": {
        "America/Denver": "Goodland; Sharon Springs; Tribune; Syracuse",
    },
    "US-KY": {
        "America/Chicago": "Bowling Green; Owensboro; Paducah; Hopkinsville; Henderson; Madisonville",
        "America/New_York": "Louisville; Lexington; Covington; Florence; Richmond; Frankfort; Georgetown",
    },
    "US-MI": {
        "America/Menominee": "Menominee; Iron Mountain; Ironwood",
    },
    "US-ND": {
        "America/Chicago": "Fargo; Bismarck; Grand Forks; Minot",
        "America/Denver": "Dickinson; Beach; Bowman",
    },
    "US-NE": {
        "America/Denver": "Scottsbluff; Sidney; Alliance; Chadron; Ogallala; Gering",
    },
    "US-OR": {
        "America/Boise": "Ontario; Nyssa; Vale",
    },
    "US-SD": {
        "America/Chicago": "Sioux Falls; Aberdeen; Brookings; Watertown; Mitchell; Yankton; Pierre; Vermillion",
        "America/Denver": "Rapid City; Spearfish; Sturgis; Deadwood; Belle Fourche; Hot Springs",
    },
    "US-TN": {
        "America/Chicago": (
            "Nashville; Memphis; Murfreesboro; Franklin; Brentwood; Clarksville; Jackson; Germantown; Collierville; "
            "Hendersonville; Smyrna; Cookeville; Lebanon; Gallatin; Bartlett; Columbia"
        ),
        "America/New_York": (
            "Knoxville; Chattanooga; Johnson City; Kingsport; Bristol; Maryville; Oak Ridge; Cleveland; Sevierville; "
            "Morristown"
        ),
    },
    "US-TX": {
        "America/Denver": "El Paso; Socorro; Horizon City",
    },
}
