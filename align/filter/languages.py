"""Whether a text is in the language that its side should have, by its letters and its commonest words."""

from functools import lru_cache

from ..arabic import clauses as arabic
from ..arabic.letters import fold
from ..english import clauses as english
from ..names.words import is_arabic_word, is_english_word

# Letters of other languages in Arabic script; those that Arabic texts borrow for foreign sounds are not among them.
_FOREIGN_LETTERS = frozenset("ٹڈڑںےۓېۍێۆۇۈۋڕڵڼښړځڅډټګەھہۂۃڭٺٿڀٻڄڃڇڌڍڏڊڙڦڪڳڱڻۏۊ")
# Letters that Persian and Urdu have for Arabic ones, and some Arabic keyboards too.
_BORROWED = frozenset("یکپچژگ")

# Words of grammar, written here from knowledge of the languages.
_LATIN = ["le", "la", "les", "des", "et", "une", "est", "que", "qui", "dans", "pour", "pas", "sur", "au", "aux", "avec", "ce", "cette", "sont", "plus", "par", "ne", "se", "il", "elle", "nous", "vous", "je", "du", "vos", "nos", "ou", "où", "mais", "être", "avoir", "fait", "comme", "tout", "sans", "sous", "cet", "ces", "leur", "leurs", "son", "ses", "été", "votre", "notre", "peut", "doit", "chaque", "entre", "chez", "très", "der", "das", "und", "ist", "von", "den", "mit", "zu", "auf", "für", "ein", "eine", "nicht", "dem", "als", "auch", "es", "sich", "im", "einen", "einer", "eines", "wird", "werden", "sind", "oder", "bei", "nach", "aus", "wie", "nur", "noch", "kann", "haben", "hat", "wurde", "diese", "dieser", "dieses", "wenn", "sie", "ihr", "ihre", "wir", "ich", "über", "durch", "muss", "zum", "zur", "vom", "keine", "kein", "el", "los", "las", "y", "en", "del", "por", "con", "una", "para", "es", "lo", "más", "su", "fue", "como", "pero", "sus", "este", "esta", "son", "ser", "hay", "está", "desde", "cuando", "muy", "sin", "sobre", "también", "ya", "entre", "todo", "han", "hasta", "donde", "quien", "al", "le", "les", "se", "nos", "usted", "puede", "debe", "cada", "il", "di", "che", "è", "un", "per", "non", "della", "sono", "i", "gli", "si", "nel", "una", "con", "dei", "alla", "delle", "più", "da", "anche", "come", "questo", "questa", "essere", "ha", "ma", "lo", "dal", "sul", "os", "as", "do", "da", "em", "um", "uma", "para", "com", "não", "por", "no", "na", "dos", "mais", "ao", "que", "foi", "são", "pelo", "pela", "seu", "sua", "ou", "muito", "já", "também", "está", "ser", "de", "het", "een", "van", "en", "niet", "dat", "op", "te", "zijn", "voor", "met", "die", "er", "aan", "om", "ook", "als", "bij", "door", "naar", "uit", "nog", "maar", "wordt", "worden", "deze", "heeft", "kan", "moet", "ve", "bir", "bu", "için", "ile", "da", "olarak", "olan", "çok", "daha", "gibi", "her", "ne", "kadar", "sonra", "değil", "var", "veya", "ya", "mi", "en", "iyi", "olduğu", "tarafından", "lütfen", "değer", "yang", "dan", "di", "dengan", "untuk", "dari", "pada", "ini", "itu", "dalam", "adalah", "tidak", "akan", "ke", "oleh", "telah", "atau", "bisa", "dapat", "sebagai", "juga", "tersebut", "harus", "anda", "nie", "się", "na", "do", "jest", "to", "że", "w", "z", "od", "po", "za", "przez", "dla", "jak", "ale", "czy", "lub", "być", "oraz", "jego", "jej", "tym", "które", "który", "ma", "musi", "może", "och", "att", "det", "som", "på", "är", "av", "för", "med", "till", "den", "har", "inte", "om", "ett", "men", "var", "jag", "från", "kan", "ska", "eller", "vid", "när", "så", "nu", "hade", "du", "og", "er", "det", "ikke", "på", "til", "av", "som", "med", "har", "de", "for", "den", "en", "kan", "eller", "fra", "om", "blir", "være", "må", "denne", "dette", "af", "at", "si", "și", "nu", "este", "care", "mai", "din", "pe", "cu", "în", "un", "o", "pentru", "sau", "sunt", "fost", "acest", "această", "la", "ale", "lui", "să", "trebuie", "se", "je", "na", "že", "to", "v", "s", "z", "do", "pro", "jako", "být", "nebo", "které", "který", "jsou", "ale", "jeho", "po", "od", "musí", "tento", "tato", "nem", "az", "és", "hogy", "egy", "van", "meg", "is", "ez", "csak", "vagy", "de", "már", "mint", "lehet", "kell", "ezt", "nincs", "ja", "on", "ei", "se", "että", "oli", "hän", "mutta", "kun", "niin", "ole", "myös", "tai", "voi", "joka", "ovat", "tämä", "pitää", "sen", "kuin", "và", "của", "là", "có", "cho", "không", "được", "các", "một", "những", "trong", "với", "này", "để", "người", "đã", "khi", "từ", "vào", "phải", "bạn", "na", "ya", "wa", "kwa", "ni", "za", "katika", "la", "kuwa", "hii", "hiyo", "yake", "au", "lakini", "kama", "sana", "huo", "hizo", "lazima", "i", "u", "je", "na", "da", "se", "su", "za", "od", "sa", "kao", "biti", "ili", "koje", "koji", "nije", "ali", "može", "mora", "que", "els", "amb", "per", "una", "dels", "és", "més", "són", "aquest", "aquesta", "ha", "de", "ser", "i", "un", "la"]  # fmt: skip

# Persian, Urdu, Pashto, Central Kurdish, Uyghur, Sindhi; folded as texts are.
_ARABIC_SCRIPT = ["از", "که", "این", "است", "برای", "با", "را", "های", "می", "شده", "تا", "بر", "خود", "هم", "نیز", "اند", "آن", "یک", "به", "در", "هر", "یا", "شد", "بود", "کرد", "شود", "کند", "باید", "نیست", "هستند", "کنید", "شما", "ما", "کے", "کی", "میں", "ہے", "اور", "سے", "کا", "کو", "نے", "پر", "یہ", "ہیں", "کہ", "اس", "تھا", "بھی", "ہو", "گیا", "تھی", "ایک", "نہیں", "ہی", "تو", "جو", "کر", "کیا", "لیے", "ساتھ", "آپ", "ان", "وہ", "گی", "گے", "رہا", "د", "په", "کې", "چې", "دی", "ده", "او", "له", "سره", "نه", "څخه", "هغه", "دا", "یې", "به", "کړي", "شي", "کوي", "لپاره", "وي", "ته", "لە", "بە", "و", "کە", "بۆ", "ئەم", "ئەو", "لەگەڵ", "هەر", "دەکات", "نییە", "بوو", "یان", "هەیە", "ناتوانرێت", "پێویستە", "ببێت", "بىلەن", "بۇ", "ئۇ", "ۋە", "ئۈچۈن", "بىر", "دەپ", "ھەم", "بولۇپ", "كېرەك"]

_OTHER_LATIN = frozenset(_LATIN) - english.FUNCTION
_OTHER_ARABIC = frozenset(map(fold, _ARABIC_SCRIPT)) - arabic.FUNCTION - {
    fold(word) for word in ["ما", "به", "ان", "او", "نه", "هم", "با", "تا", "بر", "می", "یک", "هر", "یا", "ده", "دی", "د", "و", "كل", "بود", "کر", "ته", "له", "په", "اس"]
}  # fmt: skip


@lru_cache(maxsize=1 << 16)
def _latin(word: str) -> tuple[int, int, int]:
    """Whether a word, in lower case, is English grammar, a known English word, and another language's grammar."""
    if word in english.FUNCTION:
        return 1, 1, 0
    known = len(word) == 1 or is_english_word(word)
    if word in _OTHER_LATIN or not word.isascii():
        # A word of both (door, war, main) speaks for neither.
        return 0, 0, int(not known)
    return 0, int(known), 0


@lru_cache(maxsize=1 << 16)
def _arabic(word: str) -> tuple[int, int, int]:
    """Whether a folded word is Arabic grammar, a known Arabic word, and another language's grammar or letters."""
    if word in arabic.FUNCTION:
        return 1, 1, 0
    if word in _OTHER_ARABIC or not _FOREIGN_LETTERS.isdisjoint(word):
        return 0, 0, 1
    return 0, int(len(word) == 1 or is_arabic_word(word)), 0


def english_share(words: list[str], names: frozenset[str] | set[str]) -> float:
    """How much of a text in Latin script is English, from 0 to 1: known words, less those of other languages.

    `words` are in lower case; `names`, those written with a capital, are in no list and speak for nothing.
    """
    grammar = known = other = neutral = 0
    for word in words:
        a, b, c = _latin(word)
        if not b and word in names and (not c or word not in _OTHER_LATIN):
            neutral += 1
            continue
        grammar += a
        known += b
        other += c
    return _share(len(words) - neutral, grammar, known, other)


def arabic_share(words: list[str], raw: str) -> float:
    """How much of a text in Arabic script is Arabic, from 0 to 1; `raw` is the text before its letters were folded."""
    grammar = known = other = 0
    for word in words:
        a, b, c = _arabic(word)
        grammar += a
        known += b
        other += c
    # Folding hides the letters that other languages write for Arabic ones; they count where grammar is missing.
    borrowed = sum(map(raw.count, _BORROWED))
    foreign = sum(map(raw.count, "ےۓہھەێۆڵڕښګڼ"))
    other += min(len(words) - known - other, foreign)
    if borrowed + foreign > len(words) // 2:
        known = min(known, 2 * grammar)
        other = max(other, min(len(words) // 2, borrowed))
    return _share(len(words), grammar, known, other)


def _share(judged: int, grammar: int, known: int, other: int) -> float:
    if judged < 2 and not other:
        return 1.0
    share = min(1.0, (known + grammar) / (judged + grammar))
    return max(0.0, share - 2 * max(0, other - grammar // 2) / judged)
