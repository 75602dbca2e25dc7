"""Whether a pair of documents is in the languages that its places ask for."""

import re
from collections import Counter
from functools import cache

from ..data import Document, Segmented
from ..errors import LanguageError
from ..lang.ar.letters import LETTER, MARKS, fold
from ..tongues import LATIN, NAMES, code_of, script_of

_SAMPLE = 60_000
# Of each of three places, what is looked at first; and the share of words that tell a language which leaves no doubt:
# the commonest words of no other language are four times as many.
_GLANCE, _PLAINLY = 300, 0.2
_FEW_LETTERS = 20
_FEW_WORDS = 40
_WORD = re.compile(r"[^\W\d_]+")

# The commonest words of languages written in one of the two scripts, folded: enough to tell them apart on a paragraph.
_LATIN_WORDS = {
    "English": "the of and to in is that for it was on with as be by are this from at you not have or an",
    "French": "le la les des et en du une est que qui dans pour pas sur au par avec ce il sont plus",
    "German": "der die das und ist von den mit zu des auf für ein eine nicht dem als auch es sich im",
    "Spanish": "el la los las y que en del por con una para es se no al como lo más su fue",
    "Italian": "il di che la e un per una è non del con sono della i le da si nel gli",
    "Portuguese": "o a os as que do da em um uma para com não por é no na dos mais ao",
    "Turkish": "ve bir bu için ile da de olarak olan çok daha gibi en her ne kadar sonra",
    "Indonesian": "yang dan di dengan untuk dari pada ini itu dalam adalah tidak akan ke oleh",
}
_ARABIC_WORDS = {
    "Arabic": "في من على ان الي التي الذي عن مع هذا هذه ما لا كان لم قد بين كما بعد او ذلك كل و",
    "Persian": "در به از که را این است با برای ان یک می های شده تا بر خود هم نیز اند",
    "Urdu": "کے کی میں ہے اور سے کا کو نے پر یہ ہیں کہ اس تھا بھی ہو گیا تھی ایک",
}
_ARTICLE = ("ال", "وال", "بال", "لل")

# What texts of the other languages in Arabic script have and Arabic has not: letters (but those that some Arabic
# keyboards write for its own), and small words as they are spelt.
_TELLING = {
    "Persian": ("پچژگ", "است این از که را با برای شده های تا خود نیز اند شد می آن یک در کرد بود هر باید نیست"),
    "Urdu": ("ٹڈڑںےھہۂۓپچگ", "کے کی میں ہے اور سے کا کو نے پر یہ ہیں کہ اس تھا بھی گیا ایک نہیں وہ"),
    "Kurdish": ("ڕڵۆێڤەپچژگ", "لە بە بۆ ئەم ئەو کە لەگەڵ هەر نییە بوو دەکات کرد هەیە یان"),
    "Pashto": ("ټډړږښڅځڼېۍګەپچژ", "په کې چې دی ده او له سره څخه هغه دا یې شي کوي لپاره"),
    "Uyghur": ("ۇۈۋېڭەۆپچگژ", "بىلەن بۇ ئۇ ۋە ئۈچۈن بىر دەپ ھەم"),
}  # fmt: skip
_WORD_COUNTS = 3  # letters that one telling word, or one Arabic word of grammar or with the article, counts for
_LEAST_EVIDENCE, _LEAST_WORDS = 6, 6


def check_languages(ar: Document | Segmented, en: Document | Segmented) -> None:
    """Raises LanguageError, in one line, where a text is not in its language, they are swapped, or both are one text.

    Much foreign matter is borne (code, names, quotations), as are texts of a few words. Of languages that are not known
    here at most the script is checked.
    """
    first, second = _document(ar), _document(en)
    text = first.text.strip()
    if text and text == second.text.strip():
        raise LanguageError(f"{first.id} and {second.id} hold the same text; give an Arabic and an English version")
    codes = code_of(first.lang), code_of(second.lang)
    wanted = [NAMES.get(code, "") for code in codes]
    if all(name in _PLAIN and _is_plainly(name, side.text) for name, side in zip(wanted, (first, second), strict=True)):
        return
    one, two = _Look(first), _Look(second)
    scripts = [script_of(code) for code in codes]
    if (scripts[0] is not None and scripts[1] is not None and scripts[0] != scripts[1]
            and one.is_in(scripts[1]) and two.is_in(scripts[0])):
        names = [name or code for name, code in zip(wanted, codes, strict=True)]
        raise LanguageError(f"{first.id} looks {names[1]} and {second.id} {names[0]}: give the {names[0]} file first "
                            "(or --no-language-check)")
    for look, code in ((one, codes[0]), (two, codes[1])):
        _check(look, code)


_PLAIN = ("Arabic", "English")


def check_language(document: Document) -> None:
    """Raises LanguageError, in one line, where a document is in another script or language than it is said to be."""
    _check(_Look(document), code_of(document.lang))


def _check(look: "_Look", code: str) -> None:
    """Raises LanguageError where a text is in another script than that of the language `code`, or in another language."""
    script = script_of(code)
    wanted = NAMES.get(code, code)
    if script == "Arabic":
        look.refuse(wanted, look.is_latin or look.is_other, _ARABIC_WORDS)
    elif script == "Latin":
        look.refuse(wanted, look.is_arabic or look.is_other, _LATIN_WORDS)


def language_of(document: Document) -> str:
    """`ar` or `en`, by the words that prevail, where they are few by the letters; raises LanguageError for neither."""
    look = _Look(document)
    words = Counter(_WORD.findall(fold(look.sample.lower())))
    arabic, latin = (sum(words[w] for w in _telling(name)) for name in ("Arabic", "English"))
    arabic += sum(n for w, n in words.items() if w.startswith(_ARTICLE))
    if not (look.arabic or look.latin):
        raise LanguageError(f"{look.id} is neither Arabic nor English: it has no letters of either")
    lang = "ar" if (arabic, look.arabic) > (latin, look.latin) else "en"
    check_language(Document(document.id, lang, document.text))
    return lang


def _is_plainly(wanted: str, text: str) -> bool:
    """Whether a glance at the text's beginning, middle and end leaves no doubt that it is Arabic, or English."""
    words = _WORD.findall(fold(_sample(text, _GLANCE).lower()))
    told = sum(map(_telling(wanted).__contains__, words))
    if wanted == "Arabic":
        told += sum(word.startswith(_ARTICLE) for word in words)
    return len(words) >= _FEW_WORDS and told >= _PLAINLY * len(words)


@cache
def _telling(wanted: str) -> frozenset[str]:
    """The commonest words of a language, folded."""
    return frozenset(fold((_ARABIC_WORDS | _LATIN_WORDS)[wanted]).split())


def _document(given: Document | Segmented) -> Document:
    return given.document if isinstance(given, Segmented) else given


class _Look:
    """The scripts in a sample of a document."""

    def __init__(self, document: Document) -> None:
        self.id = document.id
        self.sample = _sample(document.text)
        self.letters = sum(map(str.isalpha, self.sample))
        self.arabic = len(LETTER.findall(self.sample))
        self.latin = len(LATIN.findall(self.sample))

    @property
    def is_arabic(self) -> bool:
        """Arabic letters prevail by far: an English text may quote Arabic at length."""
        return self.letters >= _FEW_LETTERS and self.arabic > 0.7 * self.letters

    @property
    def is_latin(self) -> bool:
        """Next to no Arabic letters: an Arabic text may hold more code than words."""
        return self.letters >= _FEW_LETTERS and self.latin > 0.97 * self.letters

    def is_in(self, script: str) -> bool:
        """Whether the text is in `Arabic` or `Latin` script beyond doubt."""
        return self.is_arabic if script == "Arabic" else self.is_latin

    @property
    def is_other(self) -> bool:
        """Another script than the two prevails by far."""
        return self.letters >= _FEW_LETTERS and self.latin + self.arabic < 0.3 * self.letters

    @property
    def script(self) -> str:
        """The prevailing script, as a word for a message."""
        if self.is_other:
            return "in another script"
        return "in Arabic script" if self.arabic > self.latin else "in Latin script"

    def refuse(self, wanted: str, wrong_script: bool, tongues: dict[str, str]) -> None:
        """Raises LanguageError unless the text can be `wanted`."""
        if wrong_script:
            raise LanguageError(f"{self.id} should be {wanted} but is {self.script} (or --no-language-check)")
        found = _tongue(self.sample, wanted, tongues)
        if tongues is _ARABIC_WORDS and found == wanted == "Arabic":
            found = _told_by_letters(self.sample)
        if found != wanted:
            raise LanguageError(f"{self.id} should be {wanted} but looks {found} (or --no-language-check)")


def _sample(text: str, size: int = _SAMPLE) -> str:
    if len(text) <= 3 * size:
        return text
    middle = len(text) // 2
    return " ".join((text[:size], text[middle : middle + size], text[-size:]))


def _told_by_letters(sample: str) -> str:
    """The language in Arabic script that letters and small words tell, also of a line or two; Arabic unless another one
    has far more to show than Arabic has in words of grammar and with the article."""
    words = Counter(word for word in map(str.strip, re.split(r"[^\w\u200c]+", MARKS.sub("", sample))) if word)
    total = sum(words.values())
    if total < _LEAST_WORDS:
        return "Arabic"
    telling = _telling("Arabic")
    own = sum(n for word, n in words.items() if (folded := fold(word)) in telling or folded.startswith(_ARTICLE))
    letters = Counter(sample)
    evidence = {name: sum(letters[c] for c in marks) + _WORD_COUNTS * sum(words[word] for word in small.split())
                for name, (marks, small) in _TELLING.items()}
    best = max(evidence, key=evidence.__getitem__)
    if evidence[best] >= max(_LEAST_EVIDENCE, total / 6) and evidence[best] > 2 * _WORD_COUNTS * own:
        return best
    return "Arabic"


def _tongue(sample: str, wanted: str, tongues: dict[str, str]) -> str:
    """The language whose commonest words fill the text; `wanted` unless another one does so beyond doubt."""
    words = Counter(_WORD.findall(fold(sample.lower())))
    total = sum(words.values())
    if total < _FEW_WORDS:
        return wanted
    if wanted not in tongues:
        return wanted
    shares = {name: sum(words[w] for w in _telling(name)) / total for name in tongues}
    if wanted == "Arabic":
        # The article on every third word says more than the small words do.
        shares[wanted] += sum(n for w, n in words.items() if w.startswith(_ARTICLE)) / total
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > 0.12 and shares[best] > 4 * shares[wanted] else wanted
