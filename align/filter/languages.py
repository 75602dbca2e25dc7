"""Whether a text is in the language that its side should have, by its letters and its commonest words."""

import re
from functools import lru_cache

from ..lang.ar import clauses as arabic
from ..lang.ar.letters import fold
from ..lang.en import clauses as english
from ..lang.names.words import is_arabic_word, is_english_word, listed

# Letters of other languages in Arabic script; those that Arabic texts borrow for foreign sounds are not among them.
_FOREIGN_LETTERS = frozenset("ٹڈڑںےۓېۍێۆۇۈۋڕڵڼښړځڅډټګەھہۂۃڭٺٿڀٻڄڃڇڌڍڏڊڙڦڪڳڱڻۏۊ")

_HIDDEN = frozenset("ےۓہھەێۆڵڕښګڼ")
# These, and the letters that Persian and Urdu have for Arabic ones, and some Arabic keyboards too.
_UNARABIC = re.compile("[یکپچژگےۓہھەێۆڵڕښګڼ]")
_FOREIGN = re.compile(f"[پچژگ{''.join(sorted(_FOREIGN_LETTERS))}]")
_KEYBOARD = frozenset("یک")  # what some Arabic keyboards write, and other languages too
_ARTICLES = ("ال", "وال", "بال", "لل", "فال", "كال")

# Words of grammar, written here from knowledge of the languages.
_LATIN = listed("""
le la les des et une est que qui dans pour pas sur au aux avec ce cette sont plus par ne se il elle nous vous je
du vos nos ou où mais être avoir fait comme tout sans sous cet ces leur leurs son ses été votre notre peut doit
chaque entre chez très der das und ist von den mit zu auf für ein eine nicht dem als auch es sich im einen einer
eines wird werden sind oder bei nach aus wie nur noch kann haben hat wurde diese dieser dieses wenn sie ihr ihre
wir ich über durch muss zum zur vom keine kein el los las y en del por con una para lo más su fue como pero sus
este esta ser hay está desde cuando muy sin sobre también ya todo han hasta donde quien al usted puede debe cada
di che è un per non della sono i gli si nel dei alla delle più da anche come questo questa essere ha ma dal sul
os as do em um uma com não no na dos ao foi são pelo pela seu sua muito já também de het een van niet dat op te
zijn voor met die er aan om ook bij door naar uit nog maar wordt worden deze heeft kan moet ve bir bu için ile
olarak olan çok daha gibi her kadar sonra değil var veya mi iyi olduğu tarafından lütfen değer yang dan dengan
untuk dari pada ini itu dalam adalah tidak akan ke oleh telah atau bisa dapat sebagai juga tersebut harus anda
nie się jest to że w z od po za przez dla jak ale czy lub być oraz jego jej tym które który musi może och att
det som på är av för med till har inte ett men jag från ska eller vid när så nu hade og ikke til for fra blir
være må denne dette af at și care mai din pe cu în o pentru sau sunt fost acest această lui să trebuie že v s
pro jako být nebo které který jsou jeho musí tento tato nem az és hogy egy meg is ez csak vagy már mint lehet
kell ezt nincs ja on ei että oli hän mutta kun niin ole myös tai voi joka ovat tämä pitää sen kuin và của là có
cho không được các một những trong với này để người đã khi từ vào phải bạn wa kwa ni katika kuwa hii hiyo yake
lakini kama sana huo hizo lazima u sa kao biti ili koje koji nije ali može mora els amb dels més són aquest
aquesta
""")

# Persian, Urdu, Pashto, Central Kurdish, Uyghur, Sindhi; folded as texts are.
_ARABIC_SCRIPT = listed("""
از که این است برای با را های می شده تا بر خود هم نیز اند آن یک به در هر یا شد بود کرد شود کند باید نیست هستند
کنید شما ما کے کی میں ہے اور سے کا کو نے پر یہ ہیں کہ اس تھا بھی ہو گیا تھی ایک نہیں ہی تو جو کر کیا لیے ساتھ آپ
ان وہ گی گے رہا د په کې چې دی ده او له سره نه څخه هغه دا یې کړي شي کوي لپاره وي ته لە بە و کە بۆ ئەم ئەو لەگەڵ
هەر دەکات نییە بوو یان هەیە ناتوانرێت پێویستە ببێت بىلەن بۇ ئۇ ۋە ئۈچۈن بىر دەپ ھەم بولۇپ كېرەك
""")

_OTHER_LATIN = frozenset(_LATIN) - english.function_words()
# Words that Arabic has too.
_SHARED = listed("ما به ان او نه هم با تا بر می یک هر یا ده دی د و کل بود کر ته له په اس این از نیز شد اند کي تو دا شی بیر وه اور ساته")
_OTHER_ARABIC = frozenset(map(fold, _ARABIC_SCRIPT)) - arabic.function_words() - frozenset(map(fold, _SHARED))
# Those that no Arabic word or name is folded to, or as short as.
_SURE_ARABIC = frozenset(word for word in _ARABIC_SCRIPT if len(word) > 2 and fold(word) == word) & _OTHER_ARABIC


@lru_cache(maxsize=1 << 16)
def _latin(word: str) -> tuple[int, int, int]:
    """Whether a word, in lower case, is English grammar, a known English word, and another language's grammar."""
    if english.is_function(word):
        return 1, 1, 0
    known = len(word) == 1 or is_english_word(word)
    if word in _OTHER_LATIN or not word.isascii() and any(c.isalpha() and c > "\x7f" for c in word):
        # A word of both (door, war, main) speaks for neither.
        return 0, 0, int(not known)
    return 0, int(known), 0


@lru_cache(maxsize=1 << 16)
def _arabic(word: str) -> tuple[int, int, int]:
    """Whether a folded word is Arabic grammar, a known Arabic word, and another language's grammar or letters."""
    if arabic.is_function(word):
        return 1, 1, 0
    if word in _OTHER_ARABIC or not _FOREIGN_LETTERS.isdisjoint(word):
        return 0, 0, 1
    return 0, int(len(word) == 1 or is_arabic_word(word)), 0


def english_share(words: list[str], names: frozenset[str], inner: frozenset[str] = frozenset()) -> float:
    """How much of a text in Latin script is English, from 0 to 1: known words, less those of other languages.

    `words` are in lower case; `names`, those written with a capital, speak for nothing where they are in no list,
    those `inner` to a sentence in no case, nor any in a text that is hardly more than names.
    """
    if inner and sum(word not in names and word not in inner for word in words) < 2:
        return 1.0
    grammar = known = other = neutral = 0
    for word in words:
        a, b, c = _latin(word)
        if not b and (word in inner or word in names and (not c or word not in _OTHER_LATIN)):
            neutral += 1
            continue
        grammar += a
        known += b
        other += c
    return _share(len(words) - neutral, grammar, known, other)


def arabic_share(words: list[str], raw: str) -> float:
    """How much of a text in Arabic script is Arabic, from 0 to 1; `raw` is the text before its letters were folded.

    Without a letter or a sure word of grammar of another language it is 1: unknown words may well be names.
    """
    grammar = known = other = 0
    for word in words:
        a, b, c = _arabic(word)
        grammar += a
        known += b
        other += c
    # Folding hides the letters that other languages write for Arabic ones, and some Arabic keyboards too: they speak
    # against Arabic where its articles and grammar are missing.
    if found := _UNARABIC.findall(raw):
        foreign = sum(letter in _HIDDEN for letter in found)
        own = grammar + sum(word.startswith(_ARTICLES) for word in words)
        is_keyboard = not other and _KEYBOARD.issuperset(found) and known >= 0.75 * len(words)
        if len(found) + foreign > 0.25 * len(words) and own < 0.25 * len(words) and not is_keyboard:
            return 0.0
    is_unsure = other < 2 and _SURE_ARABIC.isdisjoint(words)
    return 1.0 if is_unsure and not _FOREIGN.search(raw) else _share(len(words), grammar, known, other)


def _share(judged: int, grammar: int, known: int, other: int) -> float:
    if judged < 2 and not other:
        return 1.0
    share = min(1.0, (known + grammar) / (judged + grammar))
    return max(0.0, share - 2 * max(0, other - grammar // 2) / judged)
