"""In which zone do the regions of a country of several zones lie?"""

from collections.abc import Mapping

# Regions of one zone, by zone, under the codes that `holidays` gives them.
WHOLE: Mapping[str, Mapping[str, str]] = {
    "US": {
        "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
        "America/Denver": "CO MT NM UT WY",
        "America/Los_Angeles": "CA NV WA",
        "America/Anchorage": "AK",
        "America/Phoenix": "AZ",
        "Pacific/Honolulu": "HI",
        "Pacific/Pago_Pago": "AS",
        "Pacific/Guam": "GU",
        "Pacific/Saipan": "MP",
        "America/Puerto_Rico": "PR",
        "America/St_Thomas": "VI",
    },
    "CA": {
        "America/Toronto": "ON QC",
        "America/Edmonton": "AB NT",
        "America/Winnipeg": "MB",
        "America/Moncton": "NB",
        "America/Halifax": "NS PE",
        "America/Regina": "SK",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "ACT NSW",
        "Australia/Darwin": "NT",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Hobart": "TAS",
        "Australia/Melbourne": "VIC",
        "Australia/Perth": "WA",
    },
    "BR": {
        "America/Sao_Paulo": "DF ES GO MG PR RJ RS SC SP",
        "America/Fortaleza": "CE MA PB PI RN",
        "America/Maceio": "AL SE",
        "America/Rio_Branco": "AC",
        "America/Manaus": "AM",
        "America/Belem": "AP PA",
        "America/Bahia": "BA",
        "America/Campo_Grande": "MS",
        "America/Cuiaba": "MT",
        "America/Recife": "PE",
        "America/Porto_Velho": "RO",
        "America/Boa_Vista": "RR",
        "America/Araguaina": "TO",
    },
}

# Regions split over several zones: rounded shares of their people, as in zone_shares.
SPLIT: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "US": {
        "FL": {"America/New_York": 0.95, "America/Chicago": 0.05},
        "ID": {"America/Boise": 0.8, "America/Los_Angeles": 0.2},
        "IN": {"America/Indiana/Indianapolis": 0.84, "America/Chicago": 0.16},
        "KS": {"America/Chicago": 0.99, "America/Denver": 0.01},
        "KY": {"America/New_York": 0.8, "America/Chicago": 0.2},
        "MI": {"America/Detroit": 0.99, "America/Menominee": 0.01},
        "ND": {"America/Chicago": 0.88, "America/Denver": 0.12},
        "NE": {"America/Chicago": 0.93, "America/Denver": 0.07},
        "OR": {"America/Los_Angeles": 0.99, "America/Boise": 0.01},
        "SD": {"America/Chicago": 0.72, "America/Denver": 0.28},
        "TN": {"America/Chicago": 0.62, "America/New_York": 0.38},
        "TX": {"America/Chicago": 0.97, "America/Denver": 0.03},
    },
    "CA": {
        "BC": {"America/Vancouver": 0.97, "America/Dawson_Creek": 0.015, "America/Edmonton": 0.015},
        "NL": {"America/St_Johns": 0.95, "America/Goose_Bay": 0.05},
        "NU": {"America/Iqaluit": 0.5, "America/Rankin_Inlet": 0.3, "America/Cambridge_Bay": 0.2},
    },
}
