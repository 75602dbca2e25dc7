"""Names across Arabic and English: sound, conventional names, what is found, what is missing."""

import time

import pytest

from align.errors import FormatError, InputError
from align.lang.names import (
    DocumentNames,
    cooccurrence,
    find_names,
    match_names,
    read_glossary,
    same_name_probability,
    shipped_lexicon,
)
from align.lang.names.alike import ArabicNames, LatinNames, is_same
from align.lang.names.find import analyse_arabic, analyse_english
from align.lang.names.letters import consonants_in_common, fold_arabic, fold_latin, joint, plausible, probability
from align.lang.names.people import is_one_name
from align.lang.names.words import bloom_places, is_arabic_word, is_english_word, variants

SAME = """
Shusha شوشا|Tovuz توفوز|Ilham إلهام|Aliyev علييف|Jakarta جاكرتا|Nugroho نوجروهو|Sutopo سوتوبو|Palu بالو|Donggala دونغالا
Charles شارل|Richard ريشار|Xochimilco سوتشيميلكو|Sterling سترلينغ|Agüero أغويرو|Hoffenheim هوفنهايم|Kings كينغز|Bartels بارتلز
Bellenglise بيلينغليز|Schwarzenegger شوارزنيغر|Chirac شيراك|Jean جان|Jinping جينبينغ|Putin بوتين|Zelensky زيلينسكي|Nguyen نغوين
Pittsburgh بيتسبرغ|Kentucky كنتاكي|Ohio أوهايو|Kavanaugh كافانو|Goranboy غورانبوي|Brian برايان|Davis ديفيز|York يورك
Maybelline مايبيلين|Nivea نيفيا|L'Oréal لوريال|Wayne واين|Antwerp أنتويرب|Ontario أونتاريو|Idlib إدلب|Sydney سيدني|Michelle ميشيل
Obama أوباما|Grissom جريسوم|Chaffee شافي|Paris باريس|Smith سميث|Wilson ويلسون|Johnson جونسون|Thatcher تاتشر|Škoda شكودا
Mohammed محمد|Muhammad محمد|Mohamed محمد|Ahmed أحمد|Khaled خالد|Khalid خالد|Hussein حسين|Husayn حسين|Hassan حسن|Ibrahim إبراهيم
Abdullah عبد الله|Abdulaziz عبد العزيز|Abdel-Rahman عبد الرحمن|Abdelkader عبد القادر|Abu Bakr أبو بكر|Ibn Khaldun ابن خلدون
Gamal جمال|Jamal جمال|Qasim قاسم|Gaddafi القذافي|Qadhafi القذافي|Nasser ناصر|Sadat السادات|Mubarak مبارك|al-Sisi السيسي
El-Baradei البرادعي|Al-Assad الأسد|al-Maliki المالكي|al-Sadr الصدر|Al-Rashid الرشيد|Al Thani آل ثاني|Fatima فاطمة|Aisha عائشة
Zaynab زينب|Maryam مريم|Layla ليلى|Noor نور|Yasmin ياسمين|Tariq طارق|Omar عمر|Othman عثمان|Ali علي|Saddam صدام|Yasser ياسر
Google غوغل|Google جوجل|Venezuela فنزويلا|Volvo فولفو|Pepsi بيبسي|Philips فيليبس|Churchill تشرشل|Gorbachev غورباتشوف
Gorbachev جورباتشوف|Washington واشنطن|Chicago شيكاغو|Chicago شيكاجو|Singapore سنغافورة|Portugal البرتغال|Colombia كولومبيا
Bolsonaro بولسونارو|Merkel ميركل|Macron ماكرون|Berlusconi برلسكوني|Kissinger كيسنجر|Roosevelt روزفلت
Rockefeller روكفلر|Hollywood هوليوود|Sarajevo سراييفو|Kosovo كوسوفو|Dostoevsky دوستويفسكي|Tolstoy تولستوي
Shakespeare شكسبير|Beethoven بيتهوفن|Mozart موزارت|Picasso بيكاسو|San Francisco سان فرانسيسكو
Los Angeles لوس أنجلوس|New Zealand نيوزيلندا|Buenos Aires بوينس آيرس|Jean-Pierre جان بيير|Tayyip طيب|Erdogan أردوغان|Khomeini الخميني
Rouhani روحاني|Ahmadinejad أحمدي نجاد|Karzai كرزاي|Benazir بنظير|Bhutto بوتو|Modi مودي|Gandhi غاندي|Nehru نهرو|Lumumba لومومبا
"""
CONVENTIONAL = """
Egypt مصر|Greece اليونان|Germany ألمانيا|Germany بألمانيا|German الألمانية|Germans الألمان|Vienna فيينا|Jerusalem القدس|Cairo القاهرة
The Hague لاهاي|West Bank الضفة الغربية|Nagorno-Karabakh قره باغ|Nagorno-Karabakh كاراباخ|Azerbaijani أذربيجاني|Azerbaijani الأذربيجانية
Azerbaijanis الأذربيجانيين|Turks أتراك|Kurds الأكراد|Arabs العرب|Russians الروس|English الإنجليز|UN الأمم المتحدة|NATO الناتو
NATO حلف شمال الأطلسي|BBC بي بي سي|John يوحنا|Jesus يسوع|Jesus عيسى|Moses موسى|George جورج|George جرجس|Mary مريم|Hungary المجر
Austria النمسا|Morocco المغرب|Algeria الجزائر|Jordan الأردن|Japan اليابان|India الهند|China الصين|Dutch هولندي|Swiss السويسريين
Orontes نهر العاصي|Galilee طبريا|Antwerp أنفير|Isaiah إشعياء|Oxus جيحون|Ceuta سبتة|NAFTA اتفاقية التجارة الحرة لأمريكا الشمالية
UNESCO الأمم المتحدة للتربية والعلم والثقافة|UN Relief and Works Agency الأونروا|UNEP برنامج الأمم المتحدة للبيئة
Aleppo حلب|Damascus دمشق|Tripoli طرابلس|Venice البندقية|Seville إشبيلية|Crimea القرم|Mediterranean المتوسط|World Bank البنك الدولي
"""
DIFFERENT = """
Tim جيم|Jim تيم|Knicks بيليكانز|Watson ويلسون|Jackson جونسون|Smith سمير|Zheng تشنغ لو|Jakarta زلزال|Shakhtar هوفنهايم|Paris برلين
London لشبونة|Khaled صالح|Ahmed محمود|Fatima زينب|Berlin بروكسل|Putin بوش|Obama بايدن|Sterling ستيفنز|Pennsylvania كنتاكي
Karl-Heinz هانز بيتر|Ohio أيوا|Kabul كربلاء|Sarkozy شيراك|Macron ميركل|Iran العراق|Syria لبنان|Egypt السودان|Sweden سويسرا
Austria أستراليا|Niger نيجيريا|Mali مالطا|Oman عمان الأردن|Dublin دبي|Lima ليما بيرو|Tunis طهران|Aden عدنان حسن|Hama حمص
Basel بازركان|Kyoto طوكيو|Mosul حلب|Basra بغداد|Fox فيوتشر|Khan خليل|Nasser منصور|Vann فاغنر|Davis دوغلاس|Bartels باركر
"""


def cases(text: str) -> list[tuple[str, str]]:
    """(English, Arabic) pairs of a table: the Arabic begins at the first Arabic letter."""
    found = []
    for item in text.replace("\n", "|").split("|"):
        if item.strip():
            cut = next(i for i, c in enumerate(item) if "\u0600" < c < "\u0700")
            found.append((item[:cut].strip(), item[cut:].strip()))
    return found


@pytest.mark.parametrize(("en", "ar"), cases(SAME), ids=lambda x: x)
def test_names_that_sound_alike_are_the_same(en: str, ar: str) -> None:
    assert same_name_probability(ar, en) >= 0.5


@pytest.mark.parametrize(("en", "ar"), cases(CONVENTIONAL), ids=lambda x: x)
def test_conventional_names_are_the_same(en: str, ar: str) -> None:
    assert same_name_probability(ar, en) == 1.0


@pytest.mark.parametrize(("en", "ar"), cases(DIFFERENT), ids=lambda x: x)
def test_near_misses_are_not_the_same(en: str, ar: str) -> None:
    assert same_name_probability(ar, en) < 0.5


def test_there_are_enough_cases() -> None:
    assert len(cases(SAME)) + len(cases(CONVENTIONAL)) + len(cases(DIFFERENT)) >= 150


@pytest.mark.parametrize("clitic", ["", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فل"])
def test_clitics_hide_no_name(clitic: str) -> None:
    found = match_names(f"تحدثت الشركة {clitic}غورانبوي أمس", "The company spoke about Goranboy yesterday")
    assert [m.how for m in found.matched] == ["transliteration"]
    assert found.alerts == ()


@pytest.mark.parametrize(
    ("ar", "en"),
    [
        ("قال الرئيس الأذربيجاني إلهام علييف في شوشا", "Azerbaijani President Ilham Aliyev said in Shusha"),
        ("وقعت اشتباكات في منطقة توفوز شمال غرب أذربيجان", "Clashes took place in the Tovuz district in north-west Azerbaijan"),
        ("اجتمع مجلس الأمن التابع للأمم المتحدة", "The UN Security Council met"),
        ("قالت هيئة BNPB إن التطبيق متاح على Google Play", "BNPB said the app was available on Google Play"),
        ("أعلن مكتب التحقيقات الفيدرالي الأمريكي", "The American FBI announced"),
        ("ذكرت شبكة سي إن إن ذلك", "CNN reported it"),
        ("ذكرت شبكة إم إس إن بي سي ذلك", "MSNBC reported it"),
        ("وصل عبد الكريم إلى أبوظبي", "Abdulkarim arrived in Abu Dhabi"),
        ("زار حسن نصر الله بيروت", "Hassan Nasrallah visited Beirut"),
        ("يعيش الأكراد والأتراك والعرب هنا", "Kurds, Turks and Arabs live here"),
        ("ضربت موجات تسونامي جزيرة سولاويسي الإندونيسية", "A tsunami hit the Indonesian island of Sulawesi"),
        ("انعقدت المحكمة العليا يوم الاثنين", "The Supreme Court sat on Monday"),
        ("بدأ المهرجان في شهر يناير", "The Festival started in January"),
        ("مدينةلشبونة جميلة", "Lisbon is beautiful"),
        ("كتب تولستوي الرواية", "Tolstoy's novel was written by Tolstoy"),
        ("قال شي جين بينغ", "Xi Jinping said"),
        ("قال أنطونيو غوتيريش", "António Guterres said"),
        ("كارثة تشيرنوبل", "the Chernobyl disaster"),
        ("لوحات فان غوخ", "the paintings of Van Gogh"),
    ],
)  # fmt: skip
def test_what_is_only_written_differently_gives_no_alert(ar: str, en: str) -> None:
    assert [a for a in match_names(ar, en).alerts if a.strength >= 0.4] == []


@pytest.mark.parametrize(
    ("ar", "en", "side", "text"),
    [
        ("قال المتحدث ذلك في مؤتمر", "The spokesman said so at a briefing in Jakarta", "en", "Jakarta"),
        ("قصفت القوات مدينة شوشا", "The forces shelled the towns of Shusha and Goranboy", "en", "Goranboy"),
        ("اثنان من الضحايا من دكا", "Two of the victims were from Dhaka and the port city of Chittagong", "en", "Chittagong"),
        ("سافر الوفد إلى فرنسا", "The delegation travelled to France and Hungary", "en", "Hungary"),
        ("ضم الوفد هيلاري كلينتون وجون كيري", "The delegation included John Kerry", "ar", "هيلاري كلينتون"),
        ("في آخر معقل للمعارضة في إدلب", "in the last rebel stronghold", "ar", "إدلب"),
        ("حدث ذلك في المملكة العربية السعودية", "It happened there", "ar", "المملكة العربية السعودية"),
    ],
)  # fmt: skip
def test_a_name_of_one_side_only_is_told_with_its_span(ar: str, en: str, side: str, text: str) -> None:
    alerts = [a for a in match_names(ar, en).alerts if a.strength >= 0.5]
    assert [(a.side, a.name.text) for a in alerts] == [(side, text)]
    source = ar if side == "ar" else en
    assert source[alerts[0].name.start : alerts[0].name.end] == text


def test_a_name_in_place_of_another_is_a_mismatch() -> None:
    found = match_names("تلعب سيتي ضد هوفنهايم في المجموعة", "The team battles Shakhtar Donetsk in the group")
    strong = [a for a in found.alerts if a.strength >= 0.5]
    assert {(a.side, a.relation) for a in strong} == {("ar", "mismatch"), ("en", "mismatch")}
    en = next(a for a in strong if a.side == "en")
    assert "تلعب سيتي ضد هوفنهايم في المجموعة"[slice(*en.nearest)] == "هوفنهايم"


def test_another_first_name_beside_the_same_surname_is_a_mismatch() -> None:
    found = match_names("أقر هانز بيتر بارتلز بذلك", "Karl-Heinz Bartels acknowledged it")
    assert {(a.side, a.relation, a.strength >= 0.5) for a in found.alerts} == {
        ("ar", "mismatch", True),
        ("en", "mismatch", True),
    }


def test_capitalised_ordinary_words_are_weak() -> None:
    alerts = match_names("انعقد الاجتماع", "The Steering Committee met").alerts
    assert all(a.strength <= 0.2 for a in alerts)


def test_a_surname_beside_a_full_name_is_weak() -> None:
    found = match_names("قال نوغروهو إن الأضرار كبيرة", "Sutopo Purwo Nugroho said the damage was large")
    assert [a.name.text for a in found.only_en] == ["Sutopo Purwo"]
    assert found.only_en[0].strength < 0.7
    found = match_names("قال سوتوبو نوغروهو إن الأضرار كبيرة", "Nugroho said the damage was large")
    assert max((a.strength for a in found.alerts), default=0) < 0.4


def test_offsets_count_code_points_of_the_text_as_given() -> None:
    text = "زَارَ الرَّئِيسُ مَدِينَةَ ديـــربان 🌍 ثم إدلب"
    names = find_names(text, "ar")
    assert [text[n.start : n.end] for n in names] == [n.text for n in names]
    assert {"ديـــربان", "إدلب"} <= {n.text for n in names}


def test_english_names_leave_out_titles_months_and_first_words() -> None:
    names = find_names("However, President Ilham Aliyev met Dr Müller on Monday in May. Workers left.", "en")
    assert [n.text for n in names] == ["Ilham Aliyev", "Müller"]


def test_headlines_and_shouting_give_names_only() -> None:
    names = find_names("Hundreds Killed By Strong Earthquake Near Palu", "en")
    assert [n.text for n in names if n.strength >= 0.5] == ["Palu"]


def test_a_document_says_where_else_a_name_stands() -> None:
    ar = ["زار الوفد مدينة غورانبوي في الصباح", "ثم عاد إلى العاصمة", "وصل الجميع بسلام"]
    en = [
        "The delegation visited the town in the morning",
        "It then returned to the capital",
        "All arrived safely in Goranboy",
    ]
    names = DocumentNames(ar, en)
    (alert,) = (a for a in names.compare(2).only_en if a.name.text == "Goranboy")
    assert alert.relation == "moved"
    assert names.elsewhere(2, alert) == (0,)
    assert alert.strength < 0.5
    (other,) = (a for a in names.compare(0).only_ar if a.name.text == "غورانبوي")
    assert other.relation == "moved"


def test_a_document_with_unequal_sides_is_refused() -> None:
    with pytest.raises(ValueError, match="2 Arabic and 1 English"):
        DocumentNames(["ا", "ب"], ["a"])


def test_what_keeps_company_explains_an_exonym() -> None:
    ar = [
        "سار الجيش نحو الجبل الأزرق",
        "كان الجبل الأزرق بعيدا",
        "ثم عبر النهر",
        "عاد من الجبل الأزرق",
        "كان الجو باردا",
    ]
    en = [
        "The army marched towards Zorgathal",
        "Zorgathal was far",
        "It crossed the river",
        "It returned from Zorgathal",
        "It was cold",
    ]
    beads = [(analyse_arabic(a), analyse_english(e)) for a, e in zip(ar, en, strict=True)]
    assert "جبل" in cooccurrence(beads)["zorgathal"]
    names = DocumentNames(ar, en)
    assert [a.name.text for i in range(5) for a in names.compare(i).only_en if a.strength >= 0.4] == []
    assert {m.how for m in names.compare(0).matched} == {"cooccurrence"}


def test_a_glossary_explains_its_names(tmp_path) -> None:
    path = tmp_path / "glossary.tsv"
    path.write_text("# ours\nالجبل الأزرق\tZorgathal\n\nBlue Nile\tالنيل الأزرق\n", encoding="utf-8")
    pairs = read_glossary(path)
    assert pairs == [("الجبل الأزرق", "Zorgathal"), ("النيل الأزرق", "Blue Nile")]
    lexicon = shipped_lexicon().with_glossary(pairs)
    assert len(lexicon) == len(shipped_lexicon()) + 2
    found = match_names("سار نحو الجبل الأزرق", "He marched to Zorgathal", lexicon)
    assert [m.how for m in found.matched] == ["glossary"]
    assert found.alerts == ()
    assert [a.strength >= 0.8 for a in match_names("سار بعيدا", "He marched to Zorgathal", lexicon).only_en] == [True]


def test_a_glossary_may_be_csv_with_a_mark(tmp_path) -> None:
    path = tmp_path / "glossary.csv"
    path.write_text('\ufeff"الهيئة العامة، للأرصاد","Weather, Authority"\n', encoding="utf-8")
    assert read_glossary(path) == [("الهيئة العامة، للأرصاد", "Weather, Authority")]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("مصر\tEgypt\nقطر\n", 2, "parted by a tab"),
        ("مصر\tEgypt\n\tQatar\n", 2, "parted by a tab"),
        ("# x\n\nEgypt\tQatar\n", 3, "expected an Arabic and an English name, found 'Egypt' and 'Qatar'"),
        ("مصر\tقطر\n", 1, "expected an Arabic and an English name"),
    ],
)
def test_a_broken_glossary_names_path_and_line(tmp_path, text: str, line: int, message: str) -> None:
    path = tmp_path / "glossary.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError) as error:
        read_glossary(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_glossary_that_is_missing_or_no_text(tmp_path) -> None:
    with pytest.raises(InputError, match="nowhere.tsv: No such file"):
        read_glossary(tmp_path / "nowhere.tsv")
    path = tmp_path / "glossary.tsv"
    path.write_bytes("مصر\tEgypt\n".encode("cp1256"))
    with pytest.raises(FormatError, match="not UTF-8"):
        read_glossary(path)


def test_folding() -> None:
    assert fold_arabic("  أُولِمـبِيَاد ") == "اولمبياد"
    assert fold_arabic("ڤيينّا") == "فيينا"
    assert fold_latin("Škoda’s Łódź") == "shkodaslodzh"
    assert fold_latin("Ağrı") == "agri"


@pytest.mark.parametrize(
    ("en", "ar"),
    [(en, ar) for en, ar in cases(SAME) if " " not in ar and "-" not in en and not fold_arabic(ar).startswith("ال")],
    ids=lambda name: fold_latin(name) or None,
)
def test_a_cheap_look_never_hides_a_sure_pair(en: str, ar: str) -> None:
    assert plausible(fold_latin(en), fold_arabic(ar))


NEAR_AND_FAR = [
    ("goranboy", "غورانبوي"), ("goranboy", "غورانبويي"), ("obama", "اوباما"), ("obama", "اوبا"), ("chen", "تشين"),
    ("washington", "واشنطن"), ("washington", "واشطن"), ("schwarzenegger", "شوارزنيغر"), ("martin", "مارتينيز"),
    ("lee", "لي"), ("lee", "ليلي"), ("robert", "روبرتو"), ("robert", "البرت"), ("london", "لندن"), ("london", "لبنان"),
]  # fmt: skip


@pytest.mark.parametrize(("latin", "arabic"), NEAR_AND_FAR)
@pytest.mark.parametrize("least", [0.1, 0.25, 0.6, 0.95])
def test_a_search_that_may_end_early_changes_nothing_above_its_bound(latin: str, arabic: str, least: float) -> None:
    full, bounded = probability(latin, arabic), probability(latin, arabic, least)
    if full >= least:
        assert bounded == full
    else:
        assert bounded < least


@pytest.mark.parametrize(("latin", "arabic"), NEAR_AND_FAR)
def test_a_bounded_search_finds_the_same_score_or_none(latin: str, arabic: str) -> None:
    full = joint(latin, arabic)
    assert joint(latin, arabic, full - 1e-6) == full
    assert joint(latin, arabic, full + 1.0) <= full


def test_probability_is_a_probability() -> None:
    assert 0.0 <= probability("x", "س") <= 1.0
    assert probability("", "محمد") == 0.0
    assert probability("mohamed", "") == 0.0
    assert probability("mohamed", "محمد") > 0.9
    assert consonants_in_common("brzezinski", "بريجنسكي") > 0.6
    assert consonants_in_common("tim", "جيم") < 0.6


@pytest.mark.parametrize("word", ["كتاب", "والكتاب", "يكتبون", "مدرستها", "بالحكومه", "وسيقولون", "المسوولين"])
def test_ordinary_arabic_words(word: str) -> None:
    assert is_arabic_word(word)


@pytest.mark.parametrize("word", ["غورانبوي", "بيليكانز", "شوارزنيغر", "دونغالا"])
def test_names_are_no_ordinary_arabic_words(word: str) -> None:
    assert not is_arabic_word(word)


def test_variants_take_clitics_off() -> None:
    assert variants("وبالقاهره")[0] == "وبالقاهره"
    assert "قاهره" in variants("وبالقاهره")
    assert "اردن" in variants("للاردن")


@pytest.mark.parametrize("word", ["government", "governments", "walking", "unhappiest", "decriminalised", "saltwater"])
def test_ordinary_english_words(word: str) -> None:
    assert is_english_word(word)


def test_bloom_places_are_inside_and_steady() -> None:
    assert bloom_places("frigate", 1000) == bloom_places("frigate", 1000)
    assert all(0 <= p < 1000 for p in bloom_places("frigate", 1000))


@pytest.mark.parametrize(
    "text", ["", " ", "١٢٣", "…", "\u202b\u202c", "a", "ا", "😀" * 50, "و" * 5000, "A" * 5000, "-" * 1000]
)
def test_odd_texts_are_read(text: str) -> None:
    for lang in ("ar", "en"):
        for name in find_names(text, lang):
            assert text[name.start : name.end] == name.text
    assert match_names(text, text).matched is not None


def test_speed() -> None:
    ar = "وقال الرئيس إلهام علييف إن القوات دخلت مدينة شوشا بعد معارك عنيفة استمرت عدة أيام في قره باغ"
    en = "President Ilham Aliyev said the forces entered the town of Shusha after days of heavy fighting in Karabakh"
    match_names(ar, en)
    start = time.process_time()
    for i in range(300):
        match_names(f"{ar} {i}", f"{en} {i}")
    assert time.process_time() - start < 1.5


def test_a_common_word_matched_in_the_bead_is_no_name_without_counterpart() -> None:
    names = DocumentNames(
        ["قال دونالد ترامب إنه سيفوز.", "أعلنت إدارة ترامب حالة الطوارئ.", "ولم ينس دونالد ترامب خصمه.", "وعاد بترامب الحديث."],
        ["Donald Trump said he would win.", "The Trump administration declared an emergency.",
         "Nor did Donald Trump forget his rival.", "The talk came back to Trump."],
    )  # fmt: skip
    assert not [a for k in range(4) for a in names.compare(k).only_en if a.strength > 0.1]


@pytest.mark.parametrize(("ar", "en"), [
    ("رجل يحبه - المخرج الأمريكي داستن بلاك", "a man he loves - US film-maker Dustin Black"),
    ("ومنها العقيدة البهائية", "including the Bahá'í Faith"),
    ("خروج بريطانيا من الاتحاد الأوروبي", "the costs of Brexit"),
    ("وقالت إنها لم تدر ما كنت أمر به", "she said that she had no idea of what I was going through"),
    ("ألا نحدّق فيمن يسمعنا", "not to stare at those who are listening to us"),
    ("يخشى مسؤولو الشركة ذلك", "the officials of the company fear it"),
    ("تُجمع يومي الاثنين والخميس", "collected on Mondays and Thursdays"),
])  # fmt: skip
def test_what_names_no_one_or_is_answered(ar: str, en: str) -> None:
    assert not [a for a in match_names(ar, en).alerts if a.strength > 0.22]


def test_a_term_that_a_document_defines_is_no_name() -> None:
    ar = ["تسري أحكام هذا النظام.", "ويلغى هذا النظام غداً.", "صدر هذا النظام أمس.", "وصل القطار."]
    en = ["The rules of this Regulation apply.", "It ends this Regulation soon.", "They made this Regulation.", "The Landing was late."]
    found = DocumentNames(ar, en)
    assert not any(found.compare(k).only_en[0].strength for k in range(3))


def test_names_looked_for_among_many_are_all_that_could_be_the_same() -> None:
    latin = ["london", "michael", "aden", "paris", "qingdao", "liverpool", "goranboy", "israelis", "ng", "shakhtar"]
    arabic = ["لندن", "مايكل", "عدن", "باريس", "تشينغداو", "ليفربول", "غورانبوي", "الاسراييليين", "شاختار", "وزير"]
    same = {(a, b) for a in latin for b in arabic if is_same(a, b, True)}
    assert {("london", "لندن"), ("goranboy", "غورانبوي"), ("shakhtar", "شاختار")} <= same
    near = {(a, b) for a in latin for b in ArabicNames(arabic).like(a)}
    assert near == {(a, b) for b in arabic for a in LatinNames(latin).like(b)}
    assert same <= near and ("liverpool", "عدن") not in near
    assert ArabicNames([]).like("london") == [] and LatinNames([]).like("لندن") == []


@pytest.mark.parametrize(
    ("ar", "en"),
    [
        ("دعت منظمة الأمم المتحدة للتربية والعلم والثقافة إلى ذلك", "UNESCO called for it"),
        ("قالت الأونروا ذلك", "The UN Relief and Works Agency said so"),
        ("أعلنت مفوضية الأمم المتحدة السامية لحقوق الإنسان ذلك", "OHCHR announced it"),
        ("قال صندوق الأمم المتحدة للسكان ذلك", "The United Nations Population Fund said so"),
        ("وقّع البلدان اتفاقية التجارة الحرة لأمريكا الشمالية", "The two countries signed NAFTA"),
        ("يعيش الأقباط في صعيد مصر", "Copts live in Upper Egypt"),
        ("يجري نهر العاصي إلى تركيا", "The Orontes flows to Turkey"),
        ("دفع الزبون عشرة آلاف درهم", "The customer paid AED 10,000"),
        ("أرسله بيلاطس إلى هيرودس", "Pilate sent him to Herod"),
        ("تجري دورة الألعاب الأولمبية للمعاقين", "The Paralympics are held"),
        ("سرعة النقل 10 غيغابت في الثانية", "The speed is 10 Gbps"),
    ],
)
def test_long_names_acronyms_and_codes_answer_each_other(ar: str, en: str) -> None:
    assert [a.name.text for a in match_names(ar, en).alerts if a.strength >= 0.2] == []


def test_two_names_of_the_lexicon_are_not_taken_for_spellings_of_one() -> None:
    found = match_names("أعلنت اليونيسف بدء الحملة", "UNHCR announced the start of the campaign")
    assert {a.name.text for a in found.alerts} == {"اليونيسف", "UNHCR"}


@pytest.mark.parametrize(
    ("ar", "en", "expected"),
    [
        ("زار سامي الحداد المعرض", "Samir al-Haddad visited the exhibition", {("ar", "سامي"), ("en", "Samir")}),
        ("زار سمير الحداد المعرض", "Samir al-Haddad visited the exhibition", set()),
        ("كان هشام بن عمر قاضيا", "Walid ibn Omar was a judge", {("ar", "هشام"), ("en", "Walid")}),
        ("كتبت ليلى بن يوسف القصة", "Layla ben Youssef wrote the story", set()),
        ("رحبت أم أحمد بالضيوف", "Umm Khalid welcomed the guests", {("ar", "أحمد"), ("en", "Khalid")}),
        ("قال الخوري إن الوقت قصير", "Sami al-Khoury said that time was short", set()),
    ],
    ids=["given name", "same", "father", "particle", "kunya", "more of a name"],
)
def test_every_part_of_a_name_counts(ar, en, expected):
    assert {(a.side, a.name.text) for a in match_names(ar, en).alerts if a.strength > 0.3} == expected


@pytest.mark.parametrize(
    ("ar", "en", "expected"),
    [
        ("عاد من كوريا الجنوبية", "He came back from North Korea", {("ar", "كوريا الجنوبية"), ("en", "North Korea")}),
        ("عاد من كوريا الجنوبية", "He came back from South Korea", set()),
        ("أمطرت في شمال غرب فرنسا", "It rained in the northwest of France", set()),
        ("أمطرت في جنوب فرنسا", "It rained in northern France", {("ar", "جنوب فرنسا"), ("en", "northern France")}),
        ("عاد إلى عُمان", "He went back to Amman", {("ar", "عُمان"), ("en", "Amman")}),
        ("عاد إلى عمّان", "He went back to Amman", set()),
        ("عاد إلى عمان", "He went back to Oman", set()),
        ("سافر إلى النيجر", "He travelled to Nigeria", {("ar", "النيجر"), ("en", "Nigeria")}),
    ],
)
def test_places_that_look_alike_are_told_apart(ar, en, expected):
    assert {(a.side, a.name.text) for a in match_names(ar, en).alerts if a.strength > 0.3} == expected


def test_spellings_of_peoples_names():
    assert is_one_name("hussein", "حسين") is True
    assert is_one_name("hussein", "حسن") is False
    assert is_one_name("alkhatib", "الخطيب") is True
    assert is_one_name("goranboy", "غورانبوي") is None


def test_an_acronym_is_answered_by_what_it_stands_for():
    found = match_names("أعدت هيئة المياه الوطنية تقريرا عن كندا", "The NWA prepared a report on Canada")
    assert [(a.side, a.name.text) for a in found.alerts] == []
    assert "expansion" in {match.how for match in found.matched}


RUNS = ["7", "a.", "a.a.", "-a", "ال", "ة", "ةا", "Will ", "Mr. A ", "a'", "محمد بن "]


@pytest.mark.parametrize("piece", RUNS)
def test_long_runs_take_linear_time(piece, seconds):
    def find_both(size):
        for lang in ("ar", "en"):
            find_names(piece * (size // len(piece)), lang)

    assert seconds(find_both, 64_000) < 20 * seconds(find_both, 8_000) + 0.1


def test_a_run_of_letters_too_long_for_a_word_is_no_name():
    run = "Goranboy" * 10
    assert [name.text for name in find_names(f"{run} met Putin", "en")] == ["Putin"]
    assert [name.text for name in find_names("غورانبوي" * 10 + " بوتين", "ar")] == ["بوتين"]


@pytest.mark.parametrize("address", ["example.com/Goranboy", "www.Goranboy", "Some-Host.co.org.", "x.a-b.net"])
def test_addresses_hold_no_names(address):
    assert find_names(f"في ..{address} هنا", "ar") == ()


def test_another_part_of_a_name_that_stands_in_full_elsewhere_answers() -> None:
    names = DocumentNames(
        ["وصلت نانسي بيلوسي إلى أوستن.", "قالت نانسي إن الاجتماع مفيد.", "فاز محمد مرسي في الانتخابات.", "التقى أحمد الرئيس."],
        ["Nancy Pelosi arrived in Austin.", "Pelosi said the meeting was useful.", "Ahmed Morsi won the election.", "Karim met the president."])
    assert not names.compare(1).alerts
    assert {(a.side, a.name.text) for a in names.compare(2).alerts} == {("ar", "محمد"), ("en", "Ahmed")}
    assert {(a.side, a.name.text) for a in names.compare(3).alerts} >= {("en", "Karim")}


@pytest.mark.parametrize(("word", "is_weak"), [("ar-SA", True), ("en-GB", True), ("readme.txt", True), ("Google", False), ("al-SAFA", False)])
def test_tags_of_languages_name_nothing(word: str, is_weak: bool) -> None:
    (found,) = find_names(f"توجد الملفات في المجلد {word} على القرص.", "ar")
    assert (found.text, found.strength < 0.3) == (word, is_weak)
