"""Titles and page furniture: what a page repeats or adds around its text."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from ..lang.ar.letters import fold
from .lines import Line

# Whole lines or sentences of web pages, folded and stripped of marks at their edges.
_PHRASES = """
leave a reply|leave a comment|post a comment|add a comment|add comment|write a comment|join the discussion
your email address will not be published|required fields are marked|cancel reply|submit comment|reply
comments are closed|save my name email and website in this browser for the next time i comment
notify me of new posts by email|notify me of follow-up comments by email|notify me of followup comments via email
be the first to comment|no comments yet|no comments|you must be logged in to post a comment|log in to leave a comment
this site uses akismet to reduce spam|learn how your comment data is processed|share this|share this article
share this post|share this story|share this page|share on facebook|share on twitter|share on x|share on whatsapp
share on linkedin|share via email|tweet|facebook|twitter|whatsapp|telegram|linkedin|pinterest|instagram|youtube
email this|print this page|print this article|print|click to print|copy link|link copied|follow us
follow us on facebook|follow us on twitter|follow us on social media|like this|like loading|loading|related posts
related articles|related stories|related news|related topics|related content|related|read more|read also|also read
see also our other stories|continue reading|more stories|more news|most read|most popular|most viewed|trending now
recommended for you|you may also like|you might also like|recent posts|recent comments|latest news|popular posts
previous article|next article|previous post|next post|previous page|next page|back to top|go to top|scroll to top
skip to content|skip to main content|skip to navigation|toggle navigation|search for|main menu|site map|sitemap
privacy policy|terms of use|terms of service|terms and conditions|cookie policy|all rights reserved|accept all cookies
accept cookies|manage cookies|we use cookies|subscribe|subscribe now|subscribe to our newsletter
sign up for our newsletter|newsletter|sign up|sign in|log in|login|register|advertisement|advertisements
sponsored content|sponsored|click here|view all posts|view comments|show comments|load more|load more comments
show more|report this ad|photo credit|table of contents
اترك تعليقا|اترك ردا|اترك رد|اضف تعليقا|اضف تعليق|اكتب تعليقا|اكتب تعليقك|شارك بتعليقك|اضافه تعليق|ارسل تعليقا
ارسال التعليق|لن يتم نشر عنوان بريدك الالكتروني|لن يتم نشر بريدك الالكتروني|البريد الالكتروني لن يتم نشره
لن ننشر بريدك الالكتروني|الحقول الالزاميه مشار اليها ب|الحقول المطلوبه مشار اليها ب|الحقول الالزاميه|الحقول المطلوبه
احفظ اسمي بريدي الالكتروني والموقع الالكتروني في هذا المتصفح لاستخدامها المره المقبله في تعليقي
احفظ اسمي والبريد الالكتروني والموقع في هذا المتصفح للمره القادمه التي اعلق فيها|الغاء الرد|الغاء|التعليقات مغلقه
لا توجد تعليقات|لا يوجد تعليقات|كن اول من يعلق|يجب ان تكون مسجلا للدخول لتتمكن من التعليق
يجب انت تكون مسجل الدخول لتضيف تعليقا|التعليقات|شارك|شارك المقال|شارك هذا المقال|شارك هذا الموضوع|شارك الموضوع
شارك الخبر|شاركها|مشاركه|مشاركه المقال|شارك علي فيسبوك|شارك علي تويتر|شارك عبر|المشاركه عبر|انشر|غرد|فيسبوك|تويتر
واتساب|تيليجرام|تلغرام|تيليغرام|لينكدان|لينكد ان|بينتيريست|انستغرام|انستجرام|يوتيوب|طباعه|اطبع|اطبع الصفحه
نسخه للطباعه|نسخ الرابط|تم نسخ الرابط|تابعنا|تابعونا|تابعنا علي|تابعونا علي|تابعنا علي فيسبوك|تابعونا علي فيسبوك
تابعنا علي تويتر|تابعونا علي تويتر|مواضيع ذات صله|مقالات ذات صله|اخبار ذات صله|موضوعات ذات صله|مواضيع متعلقه
اخبار متعلقه|مقالات مشابهه|مواضيع مشابهه|ذات صله|المزيد|اقرا المزيد|قراءه المزيد|اقرا ايضا|اقراوا ايضا|اقرووا ايضا
للمزيد|شاهد ايضا|طالع ايضا|قد يعجبك ايضا|قد يهمك ايضا|قد يهمك|الاكثر قراءه|الاكثر مشاهده|الاكثر تداولا|الاكثر شعبيه
احدث الاخبار|اخر الاخبار|احدث المقالات|احدث التعليقات|المقال السابق|المقال التالي|المقاله السابقه|المقاله التاليه
الخبر السابق|الخبر التالي|السابق|التالي|الصفحه السابقه|الصفحه التاليه|العوده الي الاعلي|العوده الي اعلي
الذهاب الي المحتوي|انتقل الي المحتوي|تخطي الي المحتوي|التجاوز الي المحتوي|القايمه الرييسيه|خريطه الموقع|سياسه الخصوصيه
شروط الاستخدام|الشروط والاحكام|جميع الحقوق محفوظه|كل الحقوق محفوظه|اشترك|اشترك الان|اشترك في النشره البريديه
اشترك في نشرتنا البريديه|النشره البريديه|تسجيل الدخول|انشاء حساب|اعلان|اعلانات|اضغط هنا|انقر هنا|تحميل المزيد
عرض المزيد|جدول المحتويات|وسوم|الوسوم|الكلمات المفتاحيه
"""
# Beginnings of lines that a page adds, followed by anything.
_BEGINNINGS = (
    "filed under", "posted in ", "tagged with", "tags", "share this", "follow us on ", "this site uses akismet",
    "this website uses cookies", "we use cookies", "read also", "also read", "read more", "related articles",
    "click to share on", "photo credit", "image credit", "last updated on", "all rights reserved",
    "your email address will not be published", "required fields are marked", "sign up for our newsletter",
    "subscribe to our newsletter", "page views", "حقوق النشر", "حقوق الطبع", "جميع الحقوق محفوظه",
    "كل الحقوق محفوظه", "الوسوم", "وسوم", "كلمات مفتاحيه", "الكلمات المفتاحيه", "الكلمات الدلاليه", "كلمات دلاليه",
    "اقرا ايضا", "اقرا المزيد", "اقراوا ايضا", "طالع ايضا", "شاهد ايضا", "لن يتم نشر عنوان بريدك",
    "الحقول الالزاميه مشار", "تابعونا علي ", "تابعنا علي ", "يستخدم هذا الموقع ملفات تعريف الارتباط",
    "نستخدم ملفات تعريف الارتباط", "عدد المشاهدات", "عدد القراءات", "اخر تحديث",
)  # fmt: skip
# Of the beginnings, those that are said in running text too and count only before a colon, a bar or the end.
_NEEDS_COLON = (
    "tags", "read also", "also read", "read more", "related articles", "photo credit", "image credit", "page views",
    "share this", "الوسوم", "وسوم", "كلمات مفتاحيه", "الكلمات المفتاحيه", "الكلمات الدلاليه", "كلمات دلاليه",
    "اقرا ايضا", "اقرا المزيد", "اقراوا ايضا", "طالع ايضا", "شاهد ايضا", "عدد المشاهدات", "عدد القراءات",
    "اخر تحديث", "last updated on", "filed under",
)  # fmt: skip
_BEGUN = frozenset(beginning[:4] for beginning in _BEGINNINGS)
# The entries of menus: furniture where several stand together.
_MENU = frozenset(
    "home|about|about us|contact|contact us|news|latest|world|sport|sports|business|economy|politics|opinion|opinions|"
    "culture|arts|health|science|technology|tech|travel|lifestyle|entertainment|video|videos|photos|gallery|podcast|"
    "podcasts|live|weather|archive|archives|search|menu|more|help|faq|careers|jobs|advertise|advertise with us|blog|"
    "products|services|shop|store|cart|my account|account|events|media|press|team|our team|donate|privacy|terms|legal|"
    "الرييسيه|من نحن|اتصل بنا|اخبار|الاخبار|اخر الاخبار|محليات|سياسه|اقتصاد|رياضه|ثقافه|فنون|فن|صحه|علوم|تكنولوجيا|"
    "منوعات|مقالات|راي|اراء|فيديو|صور|معرض الصور|بحث|ابحث|القايمه|المزيد|الارشيف|ارشيف|العالم|عربي|دولي|حول|عن الموقع|"
    "خدماتنا|منتجاتنا|المدونه|تواصل معنا|اعلن معنا|وظايف|تحقيقات|تقارير|بث مباشر|الطقس|مجتمع|حوادث|سياحه".split("|")
)  # fmt: skip
_SEPARATOR = re.compile(r"\s*(?:[|•·»›>/←→]|::)\s*")
_SEPARATES = re.compile("[|•·»›>/←→:]")
_SITE = re.compile(r"\s[|–—\-:»•]\s")
_NUMBERED = re.compile(
    r"(?:chapter|part|section|book|act|scene|article|الفصل|الباب|القسم|الجزء|الكتاب|المبحث|المطلب|الماده|الفرع)"
    r" [\w() -]{1,16}"
)
_EDGES = " \t.,:;!?…*«»\"“”'‘’()[]{}<>|•·-–—_=+#→←»›‹▼▲✕×©®™\u00a0؛ـ"
_PAGE = re.compile(r"(?:page|p|pg|صفحه|الصفحه|ص)\.? ?\d+(?: ?(?:of|/|من) ?\d+)?|\d+ ?(?:/|of|من) ?\d+")
_RIGHTS = re.compile(
    r"\W*(?:©|\([Cc]\)\s*\d{4}|[Cc]opyright\s*(?:©|\([Cc]\)|\d{4}))"
    r"|.{0,60}(?:All rights reserved|الحقوق محفوظة)\W*\d*\W*$"
)
# Without any of these no line claims rights.
_RIGHTS_SIGNS = ("©", "(c)", "(C)", "opyright", "rights reserved", "الحقوق محفوظة")
_NUMBER = re.compile(r"\d{1,4}")
_RULE = re.compile(r"[-_=*~#•·.—–+|<>/\\×\s]{3,}")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+\S")
_LETTERS = re.compile(r"[^\W\d_]")
_LONGEST = 160


def kinds(found: Sequence[Line]) -> list[str]:
    """The kind of each line as far as it stands by itself: `boilerplate`, `heading`, or `body` for all the rest."""
    short = "\n".join(line.text for line in found if len(line.text) <= _LONGEST)
    # All of it is folded at once, which takes a fraction of the time that line by line takes.
    plain = iter(_plain(short).split("\n"))
    keys = [_trimmed(next(plain)) if len(line.text) <= _LONGEST else "" for line in found]
    shares = _shares(found)
    marks = ["boilerplate" if key and (is_phrase(key) or _is_page(key)) else "body" for key in keys]
    may_claim = any(sign in short for sign in _RIGHTS_SIGNS)
    for i, line in enumerate(found):
        if len(line.text) <= _LONGEST and (_RULE.fullmatch(line.text) or (may_claim and _RIGHTS.match(line.text))):
            marks[i] = "boilerplate"
    _mark_page_numbers(keys, marks)
    _mark_menus(found, keys, marks)
    _mark_repeats(found, keys, marks, is_punctuated=shares >= 0.5)
    _mark_headings(found, keys, marks, is_punctuated=shares >= 0.4)
    return marks


def is_furniture(form: str) -> bool:
    """Whether a sentence is one of those that pages add."""
    return len(form) <= _LONGEST and _may_begin(form.partition(" ")[0]) and is_phrase(_key(form))


def is_phrase(key: str) -> bool:
    """Whether a folded line is a known phrase of page furniture, or begins as one."""
    if key in _known():
        return True
    if key[:4] not in _BEGUN or not key.startswith(_BEGINNINGS):
        return False
    colon = next((b for b in _NEEDS_COLON if key.startswith(b)), None)
    return colon is None or key[len(colon) :].lstrip()[:1] in (":", "|", "")


@cache
def _known() -> frozenset[str]:
    return frozenset(phrase for line in _PHRASES.split("\n") for phrase in line.split("|") if phrase)


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase.partition(" ")[0] for phrase in (*_known(), *_BEGINNINGS))


# Most sentences begin with one of few words, none of them a phrase's.
@lru_cache(maxsize=1 << 14)
def _may_begin(word: str) -> bool:
    """Whether a sentence may be a phrase of page furniture, by its first word; one of marks alone says nothing."""
    first = _key(word).partition(" ")[0]
    return not first or first in _first_words() or first.startswith(_BEGINNINGS)


def _key(text: str) -> str:
    """A line as it is compared: folded, small letters, single spaces, no marks at its edges."""
    return _trimmed(_plain(text))


def _plain(text: str) -> str:
    return fold(text).lower().replace(",", " ")


def _trimmed(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES)


def _is_page(key: str) -> bool:
    """Whether the line is the number of a page, as in `page 3 of 7`."""
    return key[-1].isdigit() and _PAGE.fullmatch(key) is not None


def _shares(found: Sequence[Line]) -> float:
    """The share of the longer lines that end as sentences do."""
    long = [line for line in found if len(line.text) >= 40]
    return sum(line.terminated for line in long) / len(long) if long else 0.0


def _mark_page_numbers(keys: Sequence[str], marks: list[str]) -> None:
    """Marks lines that hold only a number where at least three of them count on."""
    numbered = [(i, int(key)) for i, key in enumerate(keys) if key and _NUMBER.fullmatch(key)]
    if len(numbered) < 3:
        return
    steps = [b[1] - a[1] for a, b in pairwise(numbered) if b[0] - a[0] > 2]
    if len(steps) >= 2 and all(1 <= step <= 3 for step in steps):
        for i, _ in numbered:
            marks[i] = "boilerplate"


def _mark_menus(found: Sequence[Line], keys: Sequence[str], marks: list[str]) -> None:
    """Marks lines made of a menu's entries, and runs of lines of which most are such entries."""
    entries = [bool(key) and _is_entry(key) for key in keys]
    for i, line in enumerate(found):
        if len(line.text) <= _LONGEST and not entries[i] and _SEPARATES.search(line.text):
            parts = _SEPARATOR.split(line.text)
            if len(parts) >= 3 and sum(map(_is_entry, map(_key, parts))) >= 0.5 * len(parts):
                marks[i] = "boilerplate"
    if sum(entries) < 3:
        return
    first = 0
    for i in range(len(found) + 1):
        # A menu's other entries are as short as those known.
        if i < len(found) and keys[i] and keys[i].count(" ") <= 2 and not found[i].terminated and len(keys[i]) <= 30:
            continue
        run = [k for k in range(first, i) if entries[k]]
        if len(run) >= 3 and len(run) >= 0.6 * (run[-1] + 1 - run[0]):
            marks[run[0] : run[-1] + 1] = ["boilerplate"] * (run[-1] + 1 - run[0])
        first = i + 1


def _is_entry(key: str) -> bool:
    return key in _MENU or key in _known()


def _mark_repeats(found: Sequence[Line], keys: Sequence[str], marks: list[str], *, is_punctuated: bool) -> None:
    """Marks every repetition of the document's title, and running heads: short lines that keep coming back."""
    counts = Counter(key for key in keys if key)
    titles = _titles(found, keys)
    # A page title may be the heading and the name of the site.
    is_titled = any(counts[title] >= (2 if title == keys[0] else 1) for title in titles)
    if not is_titled and max(counts.values(), default=0) < 3:
        return
    for i, (line, key) in enumerate(zip(found, keys)):
        if not key or marks[i] != "body" or line.terminated:
            continue
        is_head = counts[key] >= 3 and is_punctuated and " " in key and line.last not in ":,،;؛" and len(key) <= 100
        if is_head or (is_titled and (i == 0 or key in titles)):
            marks[i] = "boilerplate"


def _titles(found: Sequence[Line], keys: Sequence[str]) -> set[str]:
    """What the document's title may be repeated as: its first line, and the parts of it beside a site's name."""
    if not found or found[0].terminated or found[0].last in ",،;؛" or not keys[0]:
        return set()
    parts = [_key(part) for part in _SITE.split(found[0].text)]
    return {title for title in (keys[0], parts[0], parts[-1]) if title.count(" ") >= (1 if title == keys[0] else 2)}


def _mark_headings(found: Sequence[Line], keys: Sequence[str], marks: list[str], *, is_punctuated: bool) -> None:
    """Marks short lines without a sentence's end that stand before a longer text."""
    for i, line in enumerate(found):
        if marks[i] != "body":
            continue
        is_named = _MARKDOWN_HEADING.match(line.text) or (keys[i] and _NUMBERED.fullmatch(keys[i]))
        if is_named or (is_punctuated and _is_heading(found, i)):
            marks[i] = "heading"


def _is_heading(found: Sequence[Line], i: int) -> bool:
    line = found[i]
    if len(line.text) > 100 or line.terminated or line.last in ",،;؛:" or not _LETTERS.search(line.text):
        return False
    if line.text.count(" ") > 13 or line.text[:1].islower() or line.text[:1] in "-*•·–—|":
        return False
    if i + 1 == len(found):
        return False
    # A wrapped line is no heading: the line before it must have ended, the next must begin afresh.
    before_ends = i == 0 or line.gap > 0 or found[i - 1].terminated or len(found[i - 1].text) < 60
    after = found[i + 1]
    if not before_ends or after.text[:1].islower():
        return False
    if after.gap == 0 and len(line.text) > 0.7 * len(after.text):
        return False
    return len(after.text) >= 1.5 * len(line.text) or (after.gap > 0 and len(line.text) < 60)
