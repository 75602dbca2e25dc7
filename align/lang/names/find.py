"""Candidate names in a text: capitalised English runs, Arabic tokens that are no ordinary words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from align.faults import guarded
from ...memoise import memoise

from ..ar.letters import PRESENTED, plain_with_offsets
from .letters import fold_arabic, fold_latin
from .lexicon import ENGLISH_TOKEN, LONGEST_WORD, Lexicon, bare, has_marks, is_marked_as, reliability, shipped_lexicon
from .people import is_arabic_name, is_often_arabic_name
from .words import (
    any_listed_arabic,
    foreignness,
    is_arabic_word,
    is_english_word,
    is_listed_arabic,
    is_rare_english_word,
    listed,
    variants,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A candidate name: `text` stands at `start:end` (code points in the text it was found in).

    `kind` is `name` (no ordinary word), `known` (in the lexicon), `acronym`, `latin` (Latin letters in Arabic text) or
    `phrase` (capitalised ordinary words). `strength` (0 to 1) says how surely it is a name that a translation keeps.
    """

    start: int
    end: int
    text: str
    kind: str
    strength: float
    entries: tuple[int, ...] = ()
    tokens: tuple[int, int] = (0, 0)


@dataclass(init=False)
class Token:
    """A word of a text: where it stands, its folded form and what is known of it.

    Most words are plain, so that only what differs from the class is kept with each.
    """

    start: int
    end: int
    text: str
    form: str
    label: str = ""
    strength: float = 0.0
    entries: tuple[int, ...] = ()
    last: bool = False
    group: int = 0
    told: bool = False  # that an Arabic word is a name shows by more than its letters

    def __init__(self, start: int, end: int, text: str, form: str) -> None:
        self.start, self.end, self.text, self.form = start, end, text, form


@dataclass(slots=True)
class Analysed:
    """A text's tokens and the lexicon entries found: entry -> first tokens and numbers of tokens."""

    lang: str
    text: str
    tokens: list[Token]
    entries: dict[int, tuple[int, int]]
    names: tuple[Name, ...] = ()


_TITLES = frozenset(listed("""
mr mrs ms miss dr prof professor sir madam lady dame president vice deputy prime minister king queen prince
princess duke duchess earl count baron emperor empress general gen colonel col lt lieutenant captain capt major
maj sergeant sgt corporal admiral commander judge justice chief chairman chairwoman secretary senator sen
representative rep congressman congresswoman governor gov mayor ambassador foreign defense defence interior
finance minister sheikh imam ayatollah pope bishop archbishop cardinal rabbi reverend rev father fr brother
sister saint st mount mt lake river sea ocean gulf bay cape island islands isle north south east west northern
southern eastern western central upper lower new old great city town village county province state district
region republic kingdom empire university college school institute hospital bank street road avenue square
bridge park museum church mosque temple airport station stadium court council committee commission ministry
department agency authority organization organisation association federation union league party group company
corporation inc ltd co corp plc foundation center centre international national federal royal world news times
post journal magazine press the a an and of for in on at to by det insp supt dc pc hon msgr dept gov jr sr ii
iii iv de la le du van von der den bin ibn al el d'
"""))  # fmt: skip
_CALENDAR = frozenset(listed("""
january february march april may june july august september october november december jan feb mar apr jun jul
aug sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun am
mondays tuesdays wednesdays thursdays fridays saturdays sundays weekday weekdays
pm ad bc ce bce i est edt pst gmt utc bst muharram safar rajab shaban ramadan shawwal km mph kph kg celsius
fahrenheit kelvin ph.d phd ok mb gb tb kb mhz ghz kbps mbps gbps mmhg usd eur gbp jpy cny chf cad aud inr pkr sar aed egp
jod kwd kd bhd bd qar omr iqd lbp syp tnd dzd lyd sdg
"""))  # fmt: skip
_INTERJECTIONS = frozenset(listed("""
ah aha alas amen aw eh er ha haha hah hello hey hi hm hmm ho hooray hum hurrah hurray la no oh ok okay ouch ow phew pooh psst sh
shh ssh tut ugh uh um wow yeah yes yum
"""))  # fmt: skip
_PARTICLES = frozenset(
    listed("""
de la le du da di del der den van von bin ibn ben al el y e und
""")
)
_ROMAN = re.compile(r"[IVXLC]+$")
_START_BEFORE = re.compile(r"(?:^|[.!?:;…•*|/]|\s[-–—]|^[-–—]|[\"“‘«(\[]|\n)[\s\"“”‘’'«»()\[\]\-–—.]*$")
_MIXED = re.compile(r"[A-Z]{2,}[a-z]?$|[A-Z]{2,}[a-z]|^[A-Z][a-z]?[A-Z]{1,2}[a-z]?$")  # AMs, MWh, PoA, but not McIlroy
_DIGIT = re.compile(r"\d")


@memoise
def _english_word(token: str) -> tuple[str, str, bool, bool, bool]:
    """A token without its possessive ending; its Latin letters; whether it begins with a capital, is long, is all large."""
    word = bare(token)
    return word, fold_latin(word), word[0].isupper(), len(word) > 3 and word[0].isalpha(), word.isupper()


@guarded(lambda text, *_, **__: Analysed("en", text, [], {}))
def analyse_english(text: str, lexicon: Lexicon | None = None, ordinary: frozenset[str] = frozenset()) -> Analysed:
    """Tokens of an English text, labelled: what is a name, why, and how surely.

    `ordinary` holds words that the document writes in lower case.
    """
    lexicon = shipped_lexicon() if lexicon is None else lexicon
    tokens: list[Token] = []
    words: list[str] = []
    large: list[bool] = []
    count = capital = loud = 0  # of the longer words
    for match in ENGLISH_TOKEN.finditer(text):
        if match.end() - match.start() > LONGEST_WORD:
            continue
        word, form, is_large, is_long, is_loud = _english_word(match.group())
        start = match.start()
        tokens.append(Token(start, start + len(word), word, form))
        words.append(word)
        large.append(is_large)
        if is_long:
            count, capital, loud = count + 1, capital + is_large, loud + is_loud
    if not tokens:
        return Analysed("en", text, tokens, {})
    headline = count >= 3 and capital >= 0.75 * count
    shouting = loud * 2 > count > 1
    entries: dict[int, tuple[int, int]] = {}
    done = 0
    for i, word in enumerate(words):
        # Of a word in small letters with which no form begins there is nothing to say.
        if i < done or not (large[i] or lexicon.english_starts(word)):
            continue
        n, found = lexicon.in_english(words, i)
        if not large[i] and not (word[0].isalpha() and i + 1 < len(tokens) and large[i + 1]):
            # terms in lower case explain their Arabic forms, and are no names themselves
            for entry in found:
                entries.setdefault(entry, (i, n))
            continue
        if n and not (
            n == 1
            and _at_start(text, tokens[i].start)
            and word.lower() in _AMBIGUOUS
            and (shouting or len(word) == 1 or not word.isupper())
            and not (i + 1 < len(tokens) and large[i + 1])
        ):
            for entry in found:
                entries.setdefault(entry, (i, n))
            known = _english_known(" ".join(words[i : i + n]), {lexicon.entries[e].kind for e in found})
            for j in range(i, i + n):
                tokens[j].label, tokens[j].entries, tokens[j].strength = "known", found, known
            tokens[i + n - 1].last = True
            done = i + n
        elif large[i]:
            _label(text, tokens, i, words, headline, shouting, ordinary)
    analysed = Analysed("en", text, tokens, entries)
    analysed.names = tuple(_english_names(text, tokens))
    return analysed


def _english_known(form: str, kinds: set[str]) -> float:
    """How surely an English form of the lexicon is kept by a translation."""
    if "glossary" in kinds:
        return 0.95
    if kinds <= {"thing"}:
        return 0.2
    if " " not in form and form.lower() in _AMBIGUOUS and "country" not in kinds:
        return 0.3
    ceiling = (
        0.9
        if kinds & {"place", "person"} or form.endswith(("ia", "land", "stan"))
        else 0.75
        if "country" in kinds
        else 0.65
        if "org" in kinds
        else 0.5
    )
    return ceiling * min(1.0, reliability("en", form, 0.85))


_AMBIGUOUS = frozenset(
    listed("""
will bill mark job nice turkey polish lord sun moon earth times is it us will may grant rose jack west is or
indigenous commons chad jordan china jersey guinea catholic liberal conservative green greens labour guardian
apple amazon mercury mars home state high supreme internet web
""")
)


def _at_start(text: str, start: int) -> bool:
    return bool(_START_BEFORE.search(text[max(0, start - 12) : start])) if start else True


def _label(
    text: str, tokens: list[Token], i: int, words: list[str], headline: bool, shouting: bool, ordinary: frozenset[str]
) -> None:
    """Sets the label and strength of a capitalised token that no lexicon holds."""
    token, word = tokens[i], words[i]
    low = word.lower()
    if low in _CALENDAR or low in _INTERJECTIONS or len(word) == 1 or (word[0].isdigit()):
        return
    if _DIGIT.search(word):
        token.label, token.strength = "code", 0.15
        return
    if low in _TITLES:
        token.label, token.strength = "title", 0.0
        return
    capitals = sum(c.isupper() for c in word)
    loud = capitals == len(word) > 2 and (len(word) > 4 or _beside_capitals(words, i)) and (is_english_word(low) or is_rare_english_word(low))
    if (capitals == len(word) <= 11 and not shouting and not loud) or (len(word) <= 8 and capitals > 1 and _MIXED.search(word)):
        token.label, token.strength = "acronym", 0.0 if _ROMAN.match(word) else 0.3
        return
    common = low in ordinary or is_english_word(low)
    if common:
        first = _at_start(text, token.start)
        token.label, token.strength = ("", 0.0) if first or headline else ("ordinary", 0.15)
        return
    if "'" in word or "’" in word:
        parts = re.split("['’]", low)
        if parts[-1] in {"t", "re", "ll", "ve", "d", "m", "s"}:
            return
    first = _at_start(text, token.start)
    alone = not (
        i + 1 < len(words) and words[i + 1][:1].isupper() and text[token.end : tokens[i + 1].start] in (" ", "-")
    )
    token.label = "name"
    if is_rare_english_word(low):
        # an epithet (the Merciful), or a word of the dictionary that the document writes large
        behind_article = i > 0 and words[i - 1].lower() in ("the", "a", "an")
        token.strength = 0.2 if first or headline or (alone and behind_article) else 0.25
        return
    token.strength = 0.6 if (first and alone) else 0.6 if headline or shouting else 0.9
    if len(token.form) < 3:
        token.strength = 0.3


def _beside_capitals(words: list[str], i: int) -> bool:
    """Whether a word beside word `i` is written in capitals: a heading inside the text, and no acronym."""
    return any(words[k].isupper() and len(words[k]) > 2 for k in (i - 1, i + 1) if 0 <= k < len(words))


def _english_names(text: str, tokens: list[Token]) -> Iterable[Name]:
    """Runs of labelled tokens as names."""
    i = 0
    while i < len(tokens):
        if not tokens[i].label or tokens[i].label == "title":
            i += 1
            continue
        j = i
        if tokens[i].label == "known":
            while not tokens[j].last:
                j += 1
        else:
            while j + 1 < len(tokens) and text[tokens[j].end : tokens[j + 1].start] in (" ", "-", "–"):
                following = tokens[j + 1]
                if following.label and following.label not in ("known", "title"):
                    j += 1
                elif (
                    following.text in _PARTICLES and j + 2 < len(tokens) and tokens[j + 2].label in ("name", "ordinary")
                ):
                    j += 2
                else:
                    break
        labels = {t.label for t in tokens[i : j + 1]}
        kind = next((k for k in ("known", "name", "acronym", "code") if k in labels), "phrase")
        strength = max(t.strength for t in tokens[i : j + 1])
        start, end = tokens[i].start, tokens[j].end
        yield Name(start, end, text[start:end], kind, strength, tokens[i].entries, (i, j + 1))
        i = j + 1


ARABIC_RUN = re.compile(
    "[\u0610-\u061a\u0621-\u065f\u0670-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06ed\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc\u200c\u200d]+"
)
_ARABIC_TOKEN = re.compile(
    ARABIC_RUN.pattern + "|(?<![A-Za-zÀ-ɏ0-9])[0-9]*[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9]*(?:['’.&+-][A-Za-zÀ-ɏ0-9]+)*"
)
_INSIDE_END = re.compile("[ةى](?=[\u0621-\u064a]{2})")
_HAS_LATIN = re.compile("[A-Za-z]").search
_TANWEEN = "\u064b"
_SURE_SHAPE = 0.9
_LONG = 7  # letters from which on a word that is in no list is hardly an ordinary one
_TRIGGERS = frozenset(map(fold_arabic, listed("""
السيد السيدة الرئيس رئيس مدينة محافظة ولاية مقاطعة بلدة قرية منطقة جزيرة نهر بحيرة جبل شركة مؤسسة جامعة الدكتور
دكتور البروفيسور الأستاذ الشيخ الإمام الملك الملكة الأمير الأميرة الوزير السيناتور اللواء العميد العقيد المقدم
الجنرال القاضي النائب صحيفة مجلة قناة نادي فريق المدرب اللاعب القديس الأسقف البابا حي شارع ضاحية مطار ميناء
""")))  # fmt: skip



@memoise
def foreign(form: str) -> float:
    """The probability that a folded Arabic word is a name by its shape; 0 for ordinary words."""
    forms = variants(form)
    if not _GIVEN.isdisjoint(forms):
        return _GIVEN_SURE
    if len(form) < 3 or any_listed_arabic(forms):
        return 0.0
    if form.endswith("و") and len(form) > 4 and is_listed_arabic(form[:-1]):
        return 0.0  # many of them, before the word that they belong to: مسؤولو الشركة
    ordinary = is_arabic_word(form)
    if ordinary and len(form) < 5:
        return 0.0
    found = max(foreignness(f) if i == 0 else 0.97 * foreignness(f) for i, f in enumerate(forms[:3]) if len(f) > 2)
    if ordinary and found < _CHANCE:
        return 0.0  # endings and prefixes of verbs take few foreign names to a word by chance
    if found > 0.6 and _glued(form):
        found = 0.1
    if len(form) > 17 or any(f.startswith(_MEASURES) for f in forms):
        found *= 0.3
    return found


_CHANCE = 0.95
# Given names that mean nothing else in running text; they stand in every word list.
_GIVEN_SURE = 0.97
_GIVEN = frozenset(
    map(
        fold_arabic,
        listed("""
محمد أحمد محمود مصطفى إبراهيم إسماعيل عثمان حسين فاطمة عائشة زينب مريم خديجة ليلى عمرو أسامة إلياس أيوب إدريس
إسحاق بلال حمزة جعفر زكريا سليمان سمير شعيب طارق عبدالله عبدالرحمن عبدالعزيز عدنان عماد غسان فهد فيصل قاسم لؤي
مازن مروان مهند نبيل نزار هاشم هشام وليد ياسر يونس ياسمين نادية رانيا سعاد لينا توم توماس جون جورج مايكل ديفيد
جيمس روبرت بيتر ماري كريس ستيف ستيفن دانيال وليام ويليام إليزابيث ريتشارد تشارلز هنري فيليب مارك نيكولاس أليكس
ألكسندر باتريك كيفن برايان ريان هانز كارل لويس خوان خوسيه كارلوس أنطونيو ماريا فلاديمير سيرجي إيفان بوريس أنجيلا
دونالد باراك هيلاري بوب تيم نانسي سامي
"""),
    )
)


# Units made with Greek prefixes are loanwords.
_MEASURES = (
    "جيغا",
    "جيجا",
    "غيغا",
    "ميغا",
    "ميجا",
    "كيلو",
    "ملي",
    "نانو",
    "تيرا",
    "سنتي",
    "ميكرو",
    "مايكرو",
    "هرتز",
    "لتر",
    "بايت",
)


def _glued(form: str) -> bool:
    """Whether a word is two or more ordinary words that lost the space between them."""
    n = len(form)
    if n < 7:
        return False
    return any(_whole(form[:cut]) and _whole(form[cut:]) for cut in range(2, n - 1))


@memoise
def _whole(form: str) -> bool:
    if form in FUNCTION_WORDS or (form[0] in "وفبكل" and form[1:] in FUNCTION_WORDS and len(form) > 2):
        return True
    return len(form) >= 4 and is_arabic_word(form)


FUNCTION_WORDS = frozenset(
    map(
        fold_arabic,
        listed("""
من في على إلى عن أن إن أو لا ما لم لن قد هو هي كل بين عند بعد قبل حول مع ثم هذا هذه ذلك التي الذي كان غير وفي
ومن وعلى لها له به بها فيه فيها منه منها عنه عليه عليها إليه كما لأن أي أحد حيث منذ خلال كانت وهو وهي وقد وكان
تم أما إذا لكن ولكن نحو تلك هؤلاء الذين كانوا يكون تكون فيمن ممن عمن كمن لمن بمن مما فيما عما بما لما كما
أنا أنت أنتم نحن هما هم هن وهما وهم وهن ونحن فهو فهي فهم إياه إياها أنه أنها أنهم أنهما إنه إنها إنهم لأنه لأنها بأنه بأنها كأنه كأنها
مولاي سيدي سيدتي مولاتي أرجوك أرجوكي أرجوكم حبيبي حبيبتي عزيزي عزيزتي صديقي أبتي أماه أبتاه رويدا رويدك
"""),
    )
)


def arabic_pieces(text: str) -> Iterable[tuple[int, int, str]]:
    """The words of an Arabic text and the Latin ones inside it: start, end, text; words run together are parted."""
    for match in _ARABIC_TOKEN.finditer(text):
        start = match.start()
        for part, _, _ in _parts(match.group()):
            yield start, start + len(part), part
            start += len(part)


@memoise
def _parts(word: str) -> tuple[tuple[str, str, float], ...]:
    """A word, or those that ran together in it, told by a letter that only ends words: as written, folded, `foreign`.

    A word in Latin letters has no folded form, nor has a run of letters that is too long for a word.
    """
    if word[0] < "\u0600":
        return ((word, "", 0.0),)
    cuts = [0, *(cut.end() for cut in _INSIDE_END.finditer(word))] if len(word) > 6 else [0]
    parts = [word[start:end] for start, end in pairwise([*cuts, len(word)])]
    folded = [(part, fold_arabic(part) if len(part) <= LONGEST_WORD else "") for part in parts]
    return tuple((part, form, foreign(form) if form else 0.0) for part, form in folded)


# A host is looked for where its first label begins alone, and has few labels, so that dotted text costs no more than other.
_ADDRESS = re.compile(
    r"://\S+|\bwww\.\S+|(?<![\w-])(?<![\w-]\.)(?:[a-z0-9-]{1,63}\.){1,9}(?:com|org|net|io|edu|cc|gov)\b\S*", re.IGNORECASE
)
# What names nothing in Latin letters: words in small letters, keys with digits.
_PLAIN_LATIN = re.compile(r"[a-z.&+-]+$|.*\d").match


@guarded(lambda text, *_, **__: Analysed("ar", text, [], {}))
def analyse_arabic(text: str, lexicon: Lexicon | None = None) -> Analysed:
    """Tokens of an Arabic text, labelled: what is a name, why, and how surely."""
    lexicon = shipped_lexicon() if lexicon is None else lexicon
    tokens: list[Token] = []
    forms: list[str] = []
    named_tokens: list[Token] = []
    after_trigger = False
    shown = _ADDRESS.sub(lambda m: " " * len(m[0]), text) if "." in text and _HAS_LATIN(text) else text
    for match in _ARABIC_TOKEN.finditer(shown):
        end = match.start()
        for word, form, named in _parts(match.group()):
            start, end = end, end + len(word)
            if form:
                token = Token(start, end, word, form)
                if named and (form in FUNCTION_WORDS or (_TANWEEN in word and not is_arabic_name(form))):
                    named = 0.0  # an ending that foreign names do not take
                if named > 0.5 or (after_trigger and named > 0.25):
                    token.label, token.strength = "name", max(named, 0.7) if after_trigger else named
                    named_tokens.append(token)
                    token.told = after_trigger or len(form) >= _LONG or is_often_arabic_name(form)
                after_trigger = form in _TRIGGERS
            elif word[0] < "\u0600" and 1 < len(word) <= LONGEST_WORD:
                token = Token(start, end, word, fold_latin(word))
                token.label = "latin"
                token.strength = 0.55 if len(word) > 3 and word[0].isupper() and word.isalpha() else 0.2 if _PLAIN_LATIN(word) else 0.3
                after_trigger = False
            else:
                continue
            tokens.append(token)
            forms.append(form)
    for one, two in pairwise(named_tokens) if len(named_tokens) > 1 else ():
        if min(one.strength, two.strength) >= _SURE_SHAPE and text[one.end : two.start] in (" ", "-") and one.form != two.form and not one.form.startswith("ال") and not two.form.startswith(("ال", "و")):
            one.told = two.told = True  # two words that no list holds, side by side, are hardly ordinary
    entries: dict[int, tuple[int, int]] = {}
    found = list(lexicon.in_arabic(forms))
    covered = {(k, e) for i, n, e in found if n > 1 for k in range(i, i + n)}
    for i, n, entry in found:
        if lexicon.entries[entry].marked and n == 1 and _is_another(tokens[i], i, entry, lexicon, covered):
            continue
        if entry not in entries or n > entries[entry][1]:
            entries[entry] = (i, n)
        for token in tokens[i : i + n]:
            token.entries = (*token.entries, entry)
            if n > 1:
                token.group = i + 1
    for token in tokens:
        if token.entries and token.label != "latin":
            strength = _known_strength(token, lexicon)
            if strength:
                token.label, token.strength = "known", strength
    analysed = Analysed("ar", text, tokens, entries)
    analysed.names = tuple(_arabic_names(text, tokens))
    return analysed


def _is_another(token: Token, i: int, entry: int, lexicon: Lexicon, covered: set[tuple[int, int]]) -> bool:
    """Whether token `i` is another name of the same letters: by its vowel marks, or inside a longer name (سلطنة عمان)."""
    forms = [form for form in lexicon.entries[entry].marked if fold_arabic(form) in token.form]
    return not all(is_marked_as(token.text, form) for form in forms) or ((i, entry) not in covered and any(k == i for k, _ in covered))


def _known_strength(token: Token, lexicon: Lexicon) -> float:
    """How surely an Arabic form of the lexicon names a place, rather than being an adjective or an ordinary word."""
    kinds = {lexicon.entries[e].kind for e in token.entries}
    if "glossary" in kinds:
        return 0.95
    if token.form in FUNCTION_WORDS:
        return 0.0
    if has_marks(token.text) and any(fold_arabic(form) in variants(token.form) for e in token.entries for form in lexicon.entries[e].marked):
        return 0.85  # its vowel marks tell it from others of the same letters
    if token.group:
        kinds = {
            lexicon.entries[e].kind for e in token.entries if any(len(form) > 1 for form in lexicon.entries[e].arabic)
        }
        return 0.35 if "org" in kinds or not kinds & {"country", "place"} else 0.85
    if not kinds & {"country", "place"} or kinds & {"thing", "people"}:
        return 0.0
    single = {form[0] for e in token.entries for form in lexicon.entries[e].arabic if len(form) == 1}
    forms = variants(token.form)
    if token.form in _ARTICLED:
        return 0.2
    # the name itself, not the adjective made from it
    noun = any(f in single or (f.endswith("يا") and "country" in kinds and f[:-2] in single) for f in forms)
    if any(f in _WORDS_TOO for f in forms) and token.form not in _WITH_ARTICLE:
        return 0.2
    aside = token.form.removeprefix("ال")
    if is_listed_arabic(token.form) and aside not in single:
        noun = False  # a word that only a clitic taken off turns into a place (بليون, ليون)
    # measured where parallel text has the form; otherwise the longer, the less likely an ordinary word
    guess = 0.8 if not is_arabic_word(token.form) else 0.65 if max(map(len, forms)) > 4 else 0.3
    return (0.9 if noun else 0.5) * reliability(
        "ar", token.form, max([guess, *(reliability("ar", f, 0.0) for f in forms)])
    )


# Places that have the article: without it, or behind a ف that is rather a letter of the word, they are other words.
_ARTICLED = frozenset(
    clitic + fold_arabic(word)
    for word in listed("""
كويت عراق أردن يمن سودان سعودية بحرين جزائر مغرب صين هند يابان نيجر صومال نمسا دنمارك نرويج سويد برازيل أرجنتين فلبين مكسيك
كاميرون سنغال مجر رياض خرطوم قاهرة دوحة منامة رباط قدس موصل بصرة إمارات فاتيكان بلقان قوقاز أندلس حجاز نجف كوفة طائف عريش
""")
    for clitic in ("", "و", "ف")
)
# Of the forms below, what is a place with the article.
_WITH_ARTICLE = frozenset(clitic + "هند" for clitic in ("ال", "وال", "بال", "لل"))
# Forms that are places and ordinary words.
_WORDS_TOO = frozenset(map(fold_arabic, listed("""
جيزة صعيد درعا شام غان كانو تدمر جنين فريد نيل ديري مشعل سوق ألب لب جاوي حمص أدوم موآب روم شوان سول زهرة طيب
كونت دالي كاب جده جد بندقية بندق قرم منشور هند خليج صحراء ساحل متوسط مال سري مين كنت نيس ليل مايا جاو قم هادي
هادئ فتح عمان غرب بون بالي مشهد سوسة سرت رياض رمادي شارقة هرات طيبة منف سند نقب حديدة كوت صور حلب فارس مغرب عقبة
عاصمة مدينة أرض شمس قمر سيول تبت ميلان مأرب صيدا خليل برن أنبار بابل فاس
بال جليل جبيل جزائر جزاير جولان جوبا حبش خزر رباط رفح روس زحل زئبق زيبق سبتة سور سين سيني شيل ضفة غال فرات فارسي فرس
قمري أسى مك كوب كوبا كور كوش كولون مدين مشرق مشتري مملكة منامة موصل نابل ناصر هرم مغارب ألبان أمير رقة رقيق غوطة تعز مريخ عطارد
""")))  # fmt: skip


def _arabic_names(text: str, tokens: list[Token]) -> Iterable[Name]:
    """Labelled tokens, neighbours joined, as names."""
    i = 0
    while i < len(tokens):
        label = tokens[i].label
        if not label:
            i += 1
            continue
        j = i + 1
        while (
            j < len(tokens)
            and tokens[j].label == label
            and text[tokens[j - 1].end : tokens[j].start] in (" ", "-", " - ", "-")
        ):
            if label == "known":
                if tokens[j - 1].last or tokens[j - 1].group != tokens[j].group or not tokens[j].group:
                    break
            elif tokens[j].form.startswith("و") and len(tokens[j].form) > 4:
                break  # "and" begins another name
            j += 1
        strength = max(t.strength for t in tokens[i:j])
        start, end = tokens[i].start, tokens[j - 1].end
        yield Name(start, end, text[start:end], label, strength, tokens[i].entries, (i, j))
        i = j


def find_names(
    text: str, lang: str, lexicon: Lexicon | None = None, ordinary: frozenset[str] = frozenset()
) -> tuple[Name, ...]:
    """Candidate names of a text in `lang` (`ar` or `en`), in order; offsets are code points in `text`."""
    if PRESENTED.search(text):
        plain, offsets = plain_with_offsets(text)
        found = find_names(plain, lang, lexicon, ordinary)
        places = [(offsets[name.start], offsets[name.end - 1] + 1) for name in found]
        return tuple(replace(name, start=a, end=b, text=text[a:b]) for name, (a, b) in zip(found, places, strict=True))
    return (analyse_arabic(text, lexicon) if lang == "ar" else analyse_english(text, lexicon, ordinary)).names
