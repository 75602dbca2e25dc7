"""English words and signs for units of measure, currencies and counts of time, by canonical name."""

UNITS = {
    word: unit
    for unit, forms in {
        "mm": "mm millimetre millimeter millimetres millimeters",
        "cm": "cm cms centimetre centimeter centimetres centimeters",
        "m": "metre meter metres meters",
        "km": "km kms kilometre kilometer kilometres kilometers kph kmh",
        "inch": "inch inches",
        "foot": "ft foot feet",
        "yard": "yard yards yd yds",
        "mile": "mile miles mi mph",
        "mg": "mg milligram milligrams",
        "g": "gram grams gramme grammes gm",
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes",
        "tonne": "tonne tonnes ton tons",
        "gt": "gigatonne gigatonnes gigaton gigatons gt",
        "mt": "megatonne megatonnes megaton megatons",
        "lb": "lb lbs",
        "pound": "pound pounds",
        "ounce": "ounce ounces oz",
        "stone": "stone",
        "ms": "millisecond milliseconds",
        "second": "second seconds sec secs",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "week": "week weeks",
        "fortnight": "fortnight fortnights",
        "month": "month months",
        "year": "year years yr yrs yo",
        "decade": "decade decades",
        "age": "centuries",
        "hectare": "hectare hectares ha",
        "acre": "acre acres",
        "litre": "litre litres liter liters",
        "ml": "ml millilitre millilitres milliliter milliliters",
        "gallon": "gallon gallons",
        "barrel": "barrel barrels",
        "degree": "degree degrees",
        "watt": "watt watts",
        "kw": "kw kilowatt kilowatts",
        "mw": "mw megawatt megawatts",
        "gw": "gw gigawatt gigawatts",
        "volt": "volt volts",
        "kb": "kb kilobyte kilobytes",
        "mb": "mb megabyte megabytes",
        "gb": "gb gigabyte gigabytes",
        "tb": "tb terabyte terabytes",
        "hz": "hz hertz",
        "khz": "khz kilohertz",
        "mhz": "mhz megahertz",
        "ghz": "ghz gigahertz",
        "calorie": "calorie calories",
        "nm": "nm nanometre nanometres nanometer nanometers",
        "db": "db decibel decibels",
        "usd": "dollar dollars usd",
        "cent": "cent cents",
        "eur": "euro euros eur",
        "gbp": "sterling gbp quid",
        "jpy": "yen jpy",
        "cny": "yuan renminbi rmb",
        "sar": "riyal riyals rial rials sar",
        "aed": "dirham dirhams aed",
        "dinar": "dinar dinars",
        "lira": "lira liras lire",
        "rupee": "rupee rupees",
        "rouble": "rouble roubles ruble rubles",
        "shekel": "shekel shekels",
        "franc": "franc francs",
        "peso": "peso pesos",
        "krona": "krona kronor krone kroner",
        "times": "times time",
    }.items()
    for word in forms.split()
}
# Signs that stand before or after the number.
CURRENCY_SIGNS = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "rupee", "₪": "shekel", "﷼": "sar"}
# Glued to digits: 5ft, 10m, 7am. Some are two things at once.
SUFFIXES = {
    "k": "k", "m": "m|million", "bn": "billion", "b": "b|billion", "tn": "trillion", "mn": "million", "g": "g",
    "l": "litre",
    "h": "hour", "s": "plural", "st": "ordinal", "nd": "ordinal", "rd": "ordinal", "th": "ordinal", "am": "am",
    "pm": "pm",
    "p": "cent", "c": "degree",
}  # fmt: skip
# Adjectives of countries that tell currencies of one name apart, and the codes of ISO 4217 (in capitals), by country.
COUNTRIES = {
    word: country
    for country, words in {
        "us": "american us", "ca": "canadian", "au": "australian", "nz": "zealand", "hk": "hong", "sg": "singapore",
        "sa": "saudi", "qa": "qatari", "om": "omani", "ye": "yemeni", "ir": "iranian", "kw": "kuwaiti", "jo": "jordanian",
        "iq": "iraqi", "bh": "bahraini", "tn": "tunisian", "dz": "algerian", "ly": "libyan", "rs": "serbian",
        "eg": "egyptian", "sd": "sudanese", "sy": "syrian", "lb": "lebanese", "gb": "british", "tr": "turkish",
        "in": "indian", "pk": "pakistani", "lk": "lankan", "np": "nepalese", "ae": "emirati uae", "ma": "moroccan",
        "ru": "russian", "by": "belarusian", "il": "israeli", "ch": "swiss", "fr": "french", "mx": "mexican",
        "ar": "argentine", "cl": "chilean", "se": "swedish", "no": "norwegian", "dk": "danish",
    }.items()
    for word in words.split()
}  # fmt: skip
CURRENCY_CODES = {
    "CAD": "usd-ca", "AUD": "usd-au", "NZD": "usd-nz", "HKD": "usd-hk", "SGD": "usd-sg", "QAR": "sar-qa", "OMR": "sar-om",
    "YER": "sar-ye", "IRR": "sar-ir", "KWD": "dinar-kw", "JOD": "dinar-jo", "IQD": "dinar-iq", "BHD": "dinar-bh",
    "TND": "dinar-tn", "DZD": "dinar-dz", "LYD": "dinar-ly", "EGP": "pound-eg", "SDG": "pound-sd", "SYP": "lira-sy",
    "LBP": "lira-lb", "TRY": "lira-tr", "INR": "rupee-in", "PKR": "rupee-pk", "MAD": "aed-ma", "RUB": "rouble-ru",
    "ILS": "shekel", "CHF": "franc-ch", "MXN": "peso-mx", "SEK": "krona-se", "NOK": "krona-no", "DKK": "krona-dk",
}  # fmt: skip
