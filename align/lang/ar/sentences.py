"""Arabic: which full stops end a sentence."""

from .letters import CONTROLS, MARKS

# Short forms that stand before a name or a number: د. محمد, ص. 12, مج. 3.
_BEFORE_NAME = frozenset("د أ ا م ص ج ط ت ق ش س ع ف مج تح تر تع أد".split())
_BEFORE_NUMBER = frozenset("رقم مج ص ج ط ت ق س ع ف هاتف تلفون صفحة فقرة مادة".split())
# Era marks, which do end sentences where a number stands before them: 1445 هـ. 1988 م.
_ERAS = frozenset(("هـ", "ه", "م", "هجرية", "ميلادية"))
# Short forms that may end a sentence: units, and so on.
_EITHER = frozenset("كم كغ كلغ كجم سم مم مل لتر إلخ الخ آلخ ألخ".split())
# Words after a short form with which a sentence goes on rather than begins.
_CONTINUING = frozenset(
    "في من على إلى الى عن مع بعد قبل حتى منذ بين عند لدى خلال حول عبر ضمن نحو فوق تحت أمام خلف دون حسب فقط أي أو و "
    "الموافق تقريبا تقريبًا وفي ومن وعلى وإلى وحتى ومع".split()
)
# Blessings on a name, after which the sentence goes on: رضي الله عنه.
_BLESSINGS = frozenset("رض رح ره صلعم".split())
_TITLES = frozenset("دأام")
_PREPOSITIONS = frozenset("من إلى الى في على و أو او عن حرف النقطة نقطة الحرف فيتامين المجموعة الفئة الخيار".split())
_SPEECH = frozenset(
    "قال قالت قالوا يقول تقول سأل سألت سأله سألته سألها يسأل تسأل أجاب أجابت أجابه أجابته أجابها يجيب تجيب رد ردت "
    "ترد صاح صاحت يصيح هتف هتفت همس همست صرخ صرخت يصرخ نادى نادت أضاف أضافت تساءل تساءلت يتساءل تابع تابعت علق "
    "علقت كرر".split()
)
_CONNECTIVES = frozenset("ثم بل لكن ولكن أو أم حتى حيث".split())
# Words that no sentence ends with.
DANGLING = frozenset(
    "في من على إلى الى عن مع أن إن ان التي الذي الذين اللذين لن قد بين عند منذ حتى ثم أو كما خلال ضد نحو لدى عبر "
    "وفي ومن وعلى وإلى ومع وأن وإن والتي والذي بأن لأن فإن كأن بسبب".split()
)
ENUMERATOR_WORDS = (
    "المادة|مادة|الفصل|فصل|البند|بند|الباب|باب|القسم|قسم|الفقرة|فقرة|الجدول|جدول|الشكل|شكل|الملحق|ملحق|الخطوة|"
    "السؤال|الدرس|المبحث|المطلب"
)


def full_stop_ends(token: str, previous: str, following: str, cased: bool = True) -> bool:
    """Whether the full stop after `token` ends a sentence; the arguments are those of `english.sentences`."""
    token = _plain(token)
    if token in _ERAS and previous[-1:].isdigit():
        return not _goes_on(following)
    if token[:-1].isdigit() and token[-1:] in "مه":
        return not _goes_on(following)
    letters = token.replace("ـ", "")
    if token in _EITHER:
        return not _goes_on(following)
    if letters in _BLESSINGS or (letters[:1] == "و" and letters[1:] in ("د", "أ", "أد")):
        return False
    if letters in _BEFORE_NUMBER and following[:1].isdigit():
        return False
    if len(letters) == 1 and letters.isalpha():
        return letters not in _TITLES and _plain(previous) in _PREPOSITIONS
    return letters not in _BEFORE_NAME and not _is_dotted(letters)


def _goes_on(following: str) -> bool:
    """Whether a sentence goes on with this word after a short form."""
    return _plain(following) in _CONTINUING


def is_short(token: str) -> bool:
    """Whether a token before a full stop is a short form, which ends no sentence in brackets or before them: 656 هـ. (1258 م.)"""
    plain = _plain(token).replace("ـ", "").lstrip("0123456789٠١٢٣٤٥٦٧٨٩")
    return len(plain) == 1 or plain in _EITHER or plain in _BEFORE_NAME or _is_dotted(plain)


def ellipsis_ends(following: str) -> bool:
    """Whether dots of hesitation end the sentence: they don't where a conjunction goes on."""
    word = _plain(following)
    return not (word in _CONNECTIVES or (len(word) > 2 and word[0] in "وف"))


def speech_follows(words: list[str]) -> bool:
    """Whether the words after a quotation say who spoke: «أين كنت؟» سألته أمه."""
    for word in words[:1]:
        plain = _plain(word).strip(".,،؛:!؟")
        if plain in _SPEECH or (plain[:1] in "وف" and plain[1:] in _SPEECH):
            return True
    return False


def _plain(word: str) -> str:
    return MARKS.sub("", CONTROLS.sub("", word)) if word else word


def _is_dotted(token: str) -> bool:
    """Single letters with full stops between: أ.د, ق.م, ش.م.م, أ.ف.ب."""
    parts = token.split(".")
    return len(parts) > 1 and all(0 < len(part) <= 2 for part in parts)
