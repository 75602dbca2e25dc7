"""Arabic words for units of measure, currencies and counts of time, by canonical name; duals say the number two."""

_NOUNS = {
    "mm": "ملم مليمتر ملليمتر ميليمتر ملليمترات مليمترات",
    "cm": "سم سنتيمتر سنتمتر سنتيمترات سنتمترات",
    "m": "متر امتار مترا",
    "km": "كم كلم كيلومتر كيلومترات كيلومترا",
    "inch": "بوصه بوصات انش انشات انشا",
    "foot": "قدم اقدام قدما",
    "yard": "يارده ياردات يارد",
    "mile": "ميل اميال ميلا",
    "mg": "ملغ ملغم مجم مليغرام ملليجرام ملغرام مليجرام ملغراما",
    "g": "غرام جرام غراما جراما غرامات جرامات غم جم",
    "kg": "كغ كجم كغم كيلوغرام كيلوجرام كيلوغراما كيلوجراما كيلوغرامات كيلوجرامات كيلوا كيلو كيلوات",
    "tonne": "طن اطنان طنا",
    "gt": "غيغاطن جيجاطن",
    "mt": "ميغاطن ميجاطن",
    "lb": "رطل ارطال رطلا",
    "pound": "باوند جنيه جنيها جنيهات",
    "ounce": "اونصه اوقيه اونصات",
    "second": "ثانيه ثوان ثواني ثوانا",
    "minute": "دقيقه دقائق دقايق",
    "hour": "ساعه ساعات",
    "day": "يوم ايام يوما",
    "week": "اسبوع اسابيع اسبوعا",
    "month": "شهر اشهر شهور شهرا",
    "year": "عام اعوام عاما سنه سنوات سنين سنينا ربيعا حول",
    "decade": "عقد عقود عقدا",
    "age": "قرون قرن قرنا",
    "hectare": "هكتار هكتارا هكتارات",
    "acre": "فدان افدنه فدانا اكر ايكر",
    "litre": "لتر لترا لترات",
    "ml": "مل ميليلتر ميليلترا ملليترا مليليتر مليلتر ملليلتر مليلترا ملليلترا",
    "gallon": "غالون جالون غالونا جالونا غالونات جالونات",
    "barrel": "برميل براميل برميلا",
    "degree": "درجه درجات",
    "watt": "واط وات",
    "kw": "كيلوواط كيلووات",
    "mw": "ميغاواط ميجاواط ميجاوات ميغاوات",
    "gw": "غيغاواط جيجاوات جيغاواط",
    "volt": "فولت فولط",
    "kb": "كيلوبايت كيلوبايتا",
    "mb": "ميغابايت ميجابايت",
    "gb": "غيغابايت جيجابايت",
    "tb": "تيرابايت",
    "hz": "هرتز هيرتز",
    "khz": "كيلوهرتز كيلوهيرتز",
    "mhz": "ميغاهرتز ميجاهرتز ميغاهيرتز",
    "ghz": "غيغاهرتز جيجاهرتز جيغاهرتز غيغاهيرتز",
    "nm": "نانومتر نانومترات نانومترا",
    "db": "ديسيبل",
    "calorie": "سعره سعرات",
    "usd": "دولار دولارا دولارات",
    "cent": "سنت سنتا سنتات",
    "eur": "يورو",
    "jpy": "ين",
    "cny": "يوان",
    "sar": "ريال ريالا ريالات",
    "aed": "درهم درهما دراهم",
    "dinar": "دينار دينارا دنانير",
    "lira": "ليره ليرات",
    "rupee": "روبيه روبيات",
    "rouble": "روبل روبلا روبلات",
    "shekel": "شيكل شيقل شيكلا",
    "franc": "فرنك فرنكا فرنكات",
    "peso": "بيزو بيسو",
    "krona": "كرونه كرون كرونات",
    "times": "مره مرات",
}
UNITS = {form: unit for unit, forms in _NOUNS.items() for form in forms.split()}
UNITS |= {"ال" + form: unit for form, unit in UNITS.items()}
# كم is also "how much", م also "AD": they count only right after a number, which is where units are looked for.
_DUAL_STEMS = {
    "متر": "m", "كيلومتر": "km", "سنتيمتر": "cm", "قدم": "foot", "ميل": "mile", "بوصت": "inch", "ياردت": "yard",
    "طن": "tonne",
    "كيلوغرام": "kg", "كيلوجرام": "kg", "غرام": "g", "جرام": "g", "رطل": "lb", "ثانيت": "second", "دقيقت": "minute",
    "ساعت": "hour", "يوم": "day", "اسبوع": "week", "شهر": "month", "عام": "year", "سنت": "year", "عقد": "decade",
    "قرن": "age", "هكتار": "hectare", "فدان": "acre", "لتر": "litre", "برميل": "barrel", "درجت": "degree",
    "دولار": "usd", "جنيه": "pound", "ريال": "sar", "درهم": "aed", "دينار": "dinar", "ليرت": "lira", "مرت": "times",
}  # fmt: skip
DUALS = {stem + ending: unit for stem, unit in _DUAL_STEMS.items() for ending in ("ان", "ين")}
DUALS |= {"ال" + form: unit for form, unit in DUALS.items()}
DUALS |= {
    clitic + form: unit for form, unit in DUALS.items() for clitic in ("و", "ب", "ل", "ف") if not form.startswith("ال")
}
DUALS |= {"وال" + stem[2:]: unit for stem, unit in DUALS.items() if stem.startswith("ال")}
# سنتين is two years far more often than two cents; يومين with suffixes is left alone.
# Adjectives of countries that tell currencies of one name apart, in the masculine, feminine and accusative.
_STEMS = {
    "us": "امريكي اميركي", "ca": "كندي", "au": "استرالي", "nz": "نيوزيلندي", "sg": "سنغافوري", "sa": "سعودي", "qa": "قطري",
    "om": "عماني", "ye": "يمني", "ir": "ايراني", "kw": "كويتي", "jo": "اردني", "iq": "عراقي", "bh": "بحريني",
    "tn": "تونسي", "dz": "جزائري", "ly": "ليبي", "rs": "صربي", "eg": "مصري", "sd": "سوداني", "sy": "سوري",
    "lb": "لبناني", "gb": "استرليني بريطاني", "tr": "تركي", "in": "هندي", "pk": "باكستاني", "lk": "سريلانكي",
    "np": "نيبالي", "ae": "اماراتي", "ma": "مغربي", "ru": "روسي", "by": "بيلاروسي", "il": "اسرائيلي", "ch": "سويسري",
    "fr": "فرنسي", "mx": "مكسيكي", "ar": "ارجنتيني", "cl": "تشيلي", "se": "سويدي", "no": "نرويجي", "dk": "دنماركي",
}  # fmt: skip
COUNTRIES = {
    article + stem + ending: country
    for country, stems in _STEMS.items()
    for stem in stems.split()
    for article in ("", "ال")
    for ending in ("", "ه", "ا", "ين", "ان", "ات")
}
