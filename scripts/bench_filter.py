"""How much noise the filters catch, and how many clean pairs they lose, beside OpusFilter's standard filters.

    python scripts/bench_filter.py DATA [--gettext FOLDER] [--half tune|confirm] [--most N] [--show KIND]

DATA holds `docs/NAME.jsonl` (documents with gold beads) and `pairs/NAME.ar|en` of human translations. Ten kinds of
noise are put into them, one at a time, and mixed with as many clean pairs; each kind's share that is caught and each
data set's share of clean pairs that is lost are printed, for muwazi's presets and for OpusFilter's standard filters
(the installed package, or `--opusfilter PYTHON`, an interpreter that has it; else their documented defaults written
anew here, which the table then says). Documents are halved by a hash of their names: thresholds were chosen on `tune`.
`--gettext` is a folder of message catalogues in many languages (`LANG/LC_MESSAGES/*.po`), for texts in a wrong language
beside those written here.
"""

import argparse
import hashlib
import json
import math
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SETS = ("ntrex", "tico19", "xquad", "bible", "quran", "debian_handbook", "opensource_guide", "react_docs", "mozilla_www",
        "bitcoin_org", "cs229")  # fmt: skip
PAIRS = ("tatoeba_opus", "unpc", "flores200_devtest", "xquad_questions")
KINDS = ("swapped", "misaligned", "truncated", "wrong_language", "copied", "numbers", "near_duplicate", "appended",
         "mojibake", "junk")  # fmt: skip

FOREIGN = {
    "ar": {
        "fa": ["هوا امروز سرد است و مردم در خانه‌هایشان مانده‌اند", "این کتاب را دیروز از کتابخانه شهر گرفتم و هنوز نخوانده‌ام",
               "قطار ساعت هشت صبح از ایستگاه مرکزی حرکت می‌کند", "او می‌خواهد زبان تازه‌ای یاد بگیرد تا بتواند با همسایه‌ها حرف بزند",
               "برای ورود به سامانه نام کاربری و گذرواژه خود را وارد کنید", "دولت گفت که ساختن پل نو تا پایان سال تمام خواهد شد"],
        "ur": ["آج موسم بہت سرد ہے اور لوگ گھروں میں بیٹھے ہیں", "میں نے یہ کتاب کل شہر کے کتب خانے سے لی تھی",
               "گاڑی صبح آٹھ بجے مرکزی اسٹیشن سے چلتی ہے", "وہ نئی زبان سیکھنا چاہتا ہے تاکہ پڑوسیوں سے بات کر سکے",
               "حکومت نے کہا ہے کہ نئے پل کا کام سال کے آخر تک مکمل ہو جائے گا"],
        "ps": ["نن هوا ډېره سړه ده او خلک په کورونو کې ناست دي", "ما دا کتاب پرون د ښار له کتابتون څخه راوړ",
               "ګاډی د سهار په اتو بجو له مرکزي تمځای څخه روانېږي", "حکومت وویل چې د نوي پله کار به د کال تر پایه بشپړ شي"],
        "ckb": ["ئەمڕۆ کەش زۆر ساردە و خەڵک لە ماڵەوەن", "دوێنێ ئەم کتێبەم لە کتێبخانەی شار وەرگرت",
                "شەمەندەفەر کاتژمێر هەشتی بەیانی لە وێستگە دەردەچێت"],
        "he": ["היום קר מאוד ואנשים נשארו בבית", "לקחתי את הספר הזה אתמול מספריית העיר"],
    },
    "en": {
        "fr": ["Il fait froid aujourd'hui et les gens sont restés chez eux.", "J'ai pris ce livre hier à la bibliothèque de la ville.",
               "Le train part de la gare centrale à huit heures du matin.", "Elle veut apprendre une langue nouvelle pour parler avec ses voisins.",
               "Le gouvernement a dit que le nouveau pont serait terminé avant la fin de l'année."],
        "de": ["Heute ist es kalt und die Leute sind zu Hause geblieben.", "Ich habe dieses Buch gestern aus der Stadtbücherei geholt.",
               "Der Zug fährt um acht Uhr morgens vom Hauptbahnhof ab.", "Sie will eine neue Sprache lernen, um mit den Nachbarn zu reden.",
               "Die Regierung sagte, die neue Brücke werde bis zum Jahresende fertig."],
        "es": ["Hoy hace frío y la gente se ha quedado en casa.", "Ayer saqué este libro de la biblioteca de la ciudad.",
               "El tren sale de la estación central a las ocho de la mañana.", "El gobierno dijo que el puente nuevo estará listo antes de fin de año."],
        "it": ["Oggi fa freddo e la gente è rimasta a casa.", "Ieri ho preso questo libro dalla biblioteca della città.",
               "Il treno parte dalla stazione centrale alle otto del mattino."],
        "pt": ["Hoje está frio e as pessoas ficaram em casa.", "Ontem tirei este livro da biblioteca da cidade.",
               "O comboio parte da estação central às oito da manhã."],
        "nl": ["Vandaag is het koud en de mensen zijn thuisgebleven.", "Ik heb dit boek gisteren uit de bibliotheek van de stad gehaald.",
               "De trein vertrekt om acht uur 's ochtends van het centraal station."],
        "tr": ["Bugün hava soğuk ve insanlar evlerinde kaldı.", "Bu kitabı dün şehir kütüphanesinden aldım.",
               "Tren sabah saat sekizde merkez istasyondan kalkıyor."],
        "id": ["Hari ini cuaca dingin dan orang-orang tinggal di rumah.", "Saya mengambil buku ini kemarin dari perpustakaan kota.",
               "Kereta berangkat dari stasiun pusat pada pukul delapan pagi."],
        "pl": ["Dzisiaj jest zimno i ludzie zostali w domach.", "Wczoraj wziąłem tę książkę z biblioteki miejskiej.",
               "Pociąg odjeżdża z dworca głównego o ósmej rano."],
        "sv": ["I dag är det kallt och folk har stannat hemma.", "Jag lånade den här boken i går på stadens bibliotek.",
               "Tåget går från centralstationen klockan åtta på morgonen."],
        "ru": ["Сегодня холодно, и люди остались дома.", "Вчера я взял эту книгу в городской библиотеке."],
    },
}  # fmt: skip
"""Sentences in other languages, written for this script."""

JUNK = (
    ("الرئيسية | من نحن | اتصل بنا | خريطة الموقع", "Home | About us | Contact us | Sitemap"),
    ("=========================", "-------------------------"),
    ("<div class=\"menu\"><a href=\"/ar\">العربية</a></div>", "<div class=\"menu\"><a href=\"/en\">English</a></div>"),
    ("https://www.example.com/ar/index.html?id=4711", "https://www.example.com/en/index.html?id=4711"),
    ("......................... 12", "......................... 12"),
    ("ههههههههههههههههههههه", "hahahahahahahahahahaha"),
    ("1 2 3 4 5 6 7 8 9 10 > >>", "1 2 3 4 5 6 7 8 9 10 > >>"),
    ("&nbsp;&nbsp;&raquo; التالي &gt;", "&nbsp;&nbsp;&raquo; Next &gt;"),
    ("{{رسالة.ترحيب}} %s %d", "{{message.welcome}} %s %d"),
    ("١٢٣٤٥٦ ٧٨٩ / ٢٠١٥", "123456 789 / 2015"),
    ("جججججججججج", "aaaaaaaaaaaaaaaaaaa!!!!!!!"),
    ("جميع الحقوق محفوظة © ٢٠١٩", "All rights reserved © 2019"),
)
"""Pairs that teach nothing, written for this script; each is varied and repeated as menus and footers are."""


@dataclass(frozen=True)
class Pair:
    """A pair of human translation, or one with noise: `origin` is the clean pair that it was made from."""

    dataset: str
    doc: str
    index: int
    ar: str
    en: str
    kind: str = "clean"
    origin: int = -1


def half_of(doc: str) -> str:
    """Which half a document belongs to."""
    return "tune" if hashlib.sha256(doc.encode()).digest()[0] < 128 else "confirm"


def clean_pairs(data: Path, half: str, most: int, rng: random.Random) -> list[Pair]:
    """Pairs of every data set, `most` of each at most, in the order of their documents."""
    out: list[Pair] = []
    for name in SETS:
        found: list[Pair] = []
        for line in (data / "docs" / f"{name}.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if half_of(f"{name}/{record['doc']}") != half:
                continue
            for k, (ar, en) in enumerate(record["gold"]):
                if ar and en:
                    found.append(Pair(name, record["doc"], k, " ".join(record["ar"][i] for i in ar).strip(),
                                      " ".join(record["en"][i] for i in en).strip()))  # fmt: skip
        out += _sample(found, most, rng)
    for name in PAIRS:
        sides = [(data / "pairs" / f"{name}.{lang}").read_text("utf-8").split("\n") for lang in ("ar", "en")]
        found = [Pair(name, f"{name}/{k // 20}", k, ar.strip(), en.strip()) for k, (ar, en) in
                 enumerate(zip(*sides, strict=True)) if ar.strip() and en.strip() and half_of(f"{name}/{k // 20}") == half]  # fmt: skip
        out += _sample(found, most, rng)
    return out


def _sample(found: list[Pair], most: int, rng: random.Random) -> list[Pair]:
    """Whole documents until there are enough."""
    docs: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        docs[pair.doc].append(pair)
    names = sorted(docs)
    rng.shuffle(names)
    out: list[Pair] = []
    for name in names:
        out += docs[name]
        if len(out) >= most:
            break
    return out[:most]


# Noise


def noisy(kind: str, pairs: list[Pair], k: int, foreign: dict[str, list[str]], rng: random.Random) -> Pair | None:
    """Pair `k` with noise of a kind; None where the pair has nothing that the kind could change."""
    made = _MAKERS[kind](pairs, k, foreign, rng)
    if made is None or made == (pairs[k].ar, pairs[k].en):
        return None
    return Pair(pairs[k].dataset, pairs[k].doc, pairs[k].index, *made, kind, k)


def _swapped(pairs, k, foreign, rng):
    return pairs[k].en, pairs[k].ar


def _misaligned(pairs, k, foreign, rng):
    near = [j for j in (k - 1, k + 1) if 0 <= j < len(pairs) and pairs[j].doc == pairs[k].doc and pairs[j].dataset not in PAIRS
            and pairs[j].en != pairs[k].en and min(len(pairs[i].ar.split()) for i in (j, k)) > 3]  # fmt: skip
    return (pairs[k].ar, pairs[rng.choice(near)].en) if near else None


def _truncated(pairs, k, foreign, rng):
    sides = [pairs[k].ar.split(), pairs[k].en.split()]
    if min(map(len, sides)) < 8:
        return None
    at = rng.randrange(2)
    keep = max(3, round(len(sides[at]) * rng.uniform(0.3, 0.7)))
    sides[at] = sides[at][:keep] if rng.random() < 0.7 else sides[at][-keep:]
    return " ".join(sides[0]), " ".join(sides[1])


def _wrong_language(pairs, k, foreign, rng):
    lang = rng.choice(("ar", "en"))
    text = rng.choice(foreign[rng.choice([name for name in foreign if name.startswith(lang)])])
    return (text, pairs[k].en) if lang == "ar" else (pairs[k].ar, text)


def _copied(pairs, k, foreign, rng):
    text = rng.choice((pairs[k].ar, pairs[k].en))
    return (text, text) if len(text.split()) > 1 else None


_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?![\w:/-]|[.,]\d)")


def _numbers(pairs, k, foreign, rng):
    sides = [pairs[k].ar, pairs[k].en]
    at = rng.randrange(2)
    found = list(_NUMBER.finditer(sides[at]))
    if not found:
        return None
    match = rng.choice(found)
    number = int(match[0])
    other = number + rng.choice((1, 2, 3, 5, 10, 30, 200)) if rng.random() < 0.5 or number < 12 else int(match[0][::-1])
    if other == number:
        other += 7
    sides[at] = sides[at][:match.start()] + str(other) + sides[at][match.end():]
    return sides[0], sides[1]


def _near_duplicate(pairs, k, foreign, rng):
    ar, en = pairs[k].ar, pairs[k].en
    if len(en.split()) < 6:
        return None
    if rng.random() < 0.5:
        ar = ar.replace("أ", "ا").replace("إ", "ا").rstrip(".") + rng.choice((" .", "!", "", "…"))
        en = rng.choice((en.upper(), en.lower(), en.rstrip(".") + " .", f"“{en}”"))
    else:
        words = [ar.split(), en.split()]
        for side in words:
            if len(side) > 11:
                del side[rng.randrange(len(side))]
        ar, en = " ".join(words[0]), " ".join(words[1]).replace(",", "") + rng.choice(("!", "", " -"))
    return ar, en


def _appended(pairs, k, foreign, rng):
    near = [j for j in range(max(0, k - 4), min(len(pairs), k + 5)) if j != k and pairs[j].doc == pairs[k].doc
            and pairs[j].dataset not in PAIRS and len(pairs[j].en.split()) > 3]  # fmt: skip
    if not near or len(pairs[k].en.split()) < 3:
        return None
    other = pairs[rng.choice(near)]
    sides = [pairs[k].ar, pairs[k].en]
    at = rng.randrange(2)
    extra = (other.ar, other.en)[at]
    sides[at] = f"{sides[at]} {extra}" if rng.random() < 0.5 else f"{extra} {sides[at]}"
    return sides[0], sides[1]


def _mojibake(pairs, k, foreign, rng):
    way = rng.randrange(3)
    ar, en = pairs[k].ar, pairs[k].en
    if way == 0:
        ar = ar.encode("utf-8").decode("latin-1")
    elif way == 1:
        ar = ar.encode("cp1256", "replace").decode("cp1252", "replace")
    else:
        ar = ar.encode("utf-8").decode("cp1256", "replace")
    return ar, en


def _junk(pairs, k, foreign, rng):
    ar, en = rng.choice(JUNK)
    tail = rng.choice(("", "", f" {rng.randrange(100)}"))
    return ar + tail, en + tail


_MAKERS: dict[str, Callable] = {
    "swapped": _swapped, "misaligned": _misaligned, "truncated": _truncated, "wrong_language": _wrong_language,
    "copied": _copied, "numbers": _numbers, "near_duplicate": _near_duplicate, "appended": _appended,
    "mojibake": _mojibake, "junk": _junk,
}  # fmt: skip


def foreign_texts(gettext: Path | None) -> dict[str, list[str]]:
    """Texts in other languages by `SIDE LANG`: those written here, and messages of catalogues."""
    out = {f"{side} {lang}": list(texts) for side, langs in FOREIGN.items() for lang, texts in langs.items()}
    if gettext is not None:
        import polib

        for side, langs in (("ar", ("fa", "ur", "ckb", "he", "ug")),
                            ("en", ("fr", "de", "es", "it", "pt", "nl", "tr", "id", "pl", "sv", "da", "nb", "fi", "ro", "cs",
                                    "hu", "vi", "sw", "ms", "ca", "ru", "el", "hi", "zh_Hans"))):  # fmt: skip
            for lang in langs:
                for path in sorted(gettext.glob(f"{lang}/LC_MESSAGES/*.po")):
                    texts = [re.sub(r"%\(\w+\)\w|%\w|[“”«»]", "", entry.msgstr) for entry in polib.pofile(str(path))]
                    texts = [" ".join(text.split()) for text in texts]
                    out.setdefault(f"{side} {lang}", []).extend(t for t in texts if len(t.split()) >= 5 or lang == "zh_Hans" and len(t) > 8)
    return {name: texts for name, texts in out.items() if texts}


def dataset(data: Path, half: str, most: int, each: int, gettext: Path | None, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Clean pairs, and up to `each` noisy ones of every kind."""
    rng = random.Random(f"{seed} {half}")
    pairs = clean_pairs(data, half, most, rng)
    foreign = foreign_texts(gettext)
    out: list[Pair] = []
    for kind in KINDS:
        order = list(range(len(pairs)))
        rng.shuffle(order)
        found = 0
        for k in order:
            if found == each:
                break
            if made := noisy(kind, pairs, k, foreign, rng):
                out.append(made)
                found += 1
    return pairs, out


# The stream, and what filters make of it


def stream(data: Path, half: str, most: int, share: float, gettext: Path | None, seed: int) -> list[Pair]:
    """Pairs in the order of their documents, a `share` of them replaced by noise of the ten kinds in turn.

    Near duplicates do not replace a pair but follow some pairs behind it; junk comes between pairs.
    """
    rng = random.Random(f"{seed} {half} bench")
    pairs = clean_pairs(data, half, most, rng)
    foreign = foreign_texts(gettext)
    out: list[Pair] = []
    later: list[tuple[int, Pair]] = []
    turn = 0
    for k, pair in enumerate(pairs):
        made = None
        if rng.random() < share:
            for _ in KINDS:
                kind = KINDS[turn % len(KINDS)]
                turn += 1
                made = noisy(kind, pairs, k, foreign, rng)
                if made is not None:
                    break
        if made is None or made.kind in ("near_duplicate", "junk"):
            out.append(pair)
        if made is not None and made.kind == "near_duplicate":
            later.append((k + rng.randrange(1, 500), made))
        elif made is not None:
            out.append(made)
        while later and later[0][0] <= k:
            out.append(later.pop(0)[1])
    return out + [made for _, made in later]


def with_muwazi(pairs: list[Pair], preset: str, scorer) -> list[tuple[str, ...]]:
    """The reasons of every pair."""
    from align.data import Row, Side
    from align.filter import PRESETS, Filter

    judge = Filter(PRESETS[preset], scorer=scorer)
    rows = [Row(k, Side(pair.ar), Side(pair.en), None, None, None) for k, pair in enumerate(pairs)]
    out: list[tuple[str, ...]] = []
    for start in range(0, len(rows), 2000):
        out += [verdict.reasons for verdict in judge.judge(rows[start:start + 2000])]
    return out


_OPUSFILTER = """
import json, sys, warnings
warnings.filterwarnings("ignore")
from opusfilter import filters
pairs = [tuple(json.loads(line)) for line in sys.stdin]
chosen = {
    "LengthFilter": filters.LengthFilter(),
    "LengthRatioFilter": filters.LengthRatioFilter(),
    "LongWordFilter": filters.LongWordFilter(),
    "HtmlTagFilter": filters.HtmlTagFilter(),
    "CharacterScoreFilter": filters.CharacterScoreFilter(scripts=["Arabic", "Latin"]),
    "TerminalPunctuationFilter": filters.TerminalPunctuationFilter(),
    "NonZeroNumeralsFilter": filters.NonZeroNumeralsFilter(),
    "RepetitionFilter": filters.RepetitionFilter(),
    "SimilarityFilter": filters.SimilarityFilter(),
}
try:
    chosen["LangidFilter"] = filters.LangidFilter(languages=["ar", "en"])
except Exception as error:
    print(f"without LangidFilter: {error}", file=sys.stderr)
for score in zip(*(f.score(pairs) for f in chosen.values())):
    print(json.dumps([name for (name, f), s in zip(chosen.items(), score) if not f.accept(s)]))
"""


def with_opusfilter(pairs: list[Pair], python: str) -> list[tuple[str, ...]]:
    """The filters that reject every pair, of OpusFilter's usual set with its defaults; duplicates by folded pair."""
    given = "".join(json.dumps([pair.ar, pair.en]) + "\n" for pair in pairs)
    done = subprocess.run([python, "-c", _OPUSFILTER], input=given, capture_output=True, text=True, check=False)
    print(done.stderr.strip()[-300:])
    done.check_returncode()
    out = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
    seen: set[str] = set()
    for k, pair in enumerate(pairs):  # its remove_duplicates, with letters only and lower case
        key = re.sub(r"[\W_]+", "", pair.ar.lower()) + "\t" + re.sub(r"[\W_]+", "", pair.en.lower())
        out[k] = (*out[k], "duplicates") if key in seen else out[k]
        seen.add(key)
    return out


def as_opusfilter(pairs: list[Pair]) -> list[tuple[str, ...]]:
    """OpusFilter's usual set by its documented defaults, written anew for this script: names and thresholds as there.

    Without its language filter, which is a library of its own.
    """
    out = []
    seen: set[str] = set()
    for pair in pairs:
        reasons = []
        words = [pair.ar.split(), pair.en.split()]
        if not all(1 <= len(side) <= 100 for side in words):
            reasons.append("LengthFilter")
        if max(map(len, words)) / max(1, min(map(len, words))) >= 3:
            reasons.append("LengthRatioFilter")
        if any(len(word) > 40 for side in words for word in side):
            reasons.append("LongWordFilter")
        if any(re.search(r"<[a-zA-Z/!][^>]*>", text) for text in (pair.ar, pair.en)):
            reasons.append("HtmlTagFilter")
        letters = [[c for c in text if c.isalpha()] for text in (pair.ar, pair.en)]
        arabic = sum("\u0600" <= c <= "\u06ff" for c in letters[0]) == len(letters[0])
        if not arabic or sum(c < "\u0250" for c in letters[1]) < len(letters[1]):
            reasons.append("CharacterScoreFilter")
        marks = [sum(text.count(c) for c in ".?!…") for text in (pair.ar, pair.en)]
        score = abs(marks[0] - marks[1]) + sum(max(0, count - 1) for count in marks)
        if -(score and math.log(score + 1)) < -2:
            reasons.append("TerminalPunctuationFilter")
        digits = [list(re.sub(r"\D|0", "", text)) for text in (pair.ar, pair.en)]
        if SequenceMatcher(None, *digits).ratio() < 0.5:
            reasons.append("NonZeroNumeralsFilter")
        if any(re.search(r"(\S.{2,100}?)(?: ?\1){2,}", text) for text in (pair.ar, pair.en)):
            reasons.append("RepetitionFilter")
        key = re.sub(r"[\W_]+", "", pair.ar.lower()) + "\t" + re.sub(r"[\W_]+", "", pair.en.lower())
        if key in seen:
            reasons.append("duplicates")
        seen.add(key)
        out.append(tuple(reasons))
    return out


def table(pairs: list[Pair], judged: dict[str, list[tuple[str, ...]]]) -> None:
    """Print what each filter catches by kind, and loses by data set."""
    names = list(judged)
    print(f"\n{'caught':18}" + f"{'pairs':>7}" + "".join(f"{name:>14}" for name in names))
    for kind in KINDS:
        at = [k for k, pair in enumerate(pairs) if pair.kind == kind]
        print(f"{kind:18}{len(at):7}" + "".join(f"{_share(judged[name], at):14.3f}" for name in names))
    print(f"\n{'clean pairs lost':18}{'pairs':>7}" + "".join(f"{name:>14}" for name in names))
    clean = [k for k, pair in enumerate(pairs) if pair.kind == "clean"]
    for dataset in (*SETS, *PAIRS):
        at = [k for k in clean if pairs[k].dataset == dataset]
        if at:
            print(f"{dataset:18}{len(at):7}" + "".join(f"{_share(judged[name], at):14.3f}" for name in names))
    modern = [k for k in clean if pairs[k].dataset not in ("bible", "quran")]
    print(f"{'all but scripture':18}{len(modern):7}" + "".join(f"{_share(judged[name], modern):14.3f}" for name in names))
    print(f"{'all':18}{len(clean):7}" + "".join(f"{_share(judged[name], clean):14.3f}" for name in names))
    told = [[k for k in clean if not {"duplicate", "near_duplicate", "duplicates"} & set(judged[name][k])] for name in names]
    print(f"{'but duplicates':18}{'':7}" + "".join(f"{_share(judged[name], at):14.3f}" for name, at in zip(names, told)))


def _share(judged: list[tuple[str, ...]], at: list[int]) -> float:
    return sum(bool(judged[k]) for k in at) / max(1, len(at))


def precisions(pairs: list[Pair], scorer) -> None:
    """Print what `--precision` promises and what it keeps: right pairs are clean ones."""
    from align.data import Row, Side
    from align.filter import PRESETS, Filter, Histogram, certainty

    profile = replace(PRESETS["permissive"], confidence=replace(PRESETS["permissive"].confidence, quality=0.0))
    judge, left = Filter(profile, scorer=scorer), []
    rows = [Row(k, Side(pair.ar), Side(pair.en), None, None, None) for k, pair in enumerate(pairs) if pair.kind != "numbers"]
    for start in range(0, len(rows), 2000):
        left += [row for verdict, row in judge.judge_with_rows(rows[start:start + 2000]) if verdict.keep]
    histogram = Histogram()
    for row in left:
        histogram.add(certainty(row))
    right = sum(pairs[row.bead].kind in ("clean", "near_duplicate") for row in left)
    print(f"\nprecision: {len(left)} pairs after the permissive rules, {right / len(left):.4f} of them right")
    print(f"{'promised':>10}{'kept':>8}{'expected':>10}{'measured':>10}{'threshold':>11}")
    for promised in (0.9, 0.95, 0.97, 0.98, 0.99, 0.995):
        cut = histogram.cut(promised)
        kept = [row for row in left if cut.keeps(certainty(row))]
        share = sum(pairs[row.bead].kind in ("clean", "near_duplicate") for row in kept) / max(1, len(kept))
        print(f"{promised:10.3f}{len(kept):8}{cut.expected:10.4f}{share:10.4f}{cut.threshold:11.4f}")


def speed(pairs: list[Pair], scorer) -> None:
    """Print pairs a second: rules that need no encoder, alone and with those that count numbers, and everything."""
    from align.data import Row, Side
    from align.filter import PRESETS, Filter

    rows = [Row(k, Side(pair.ar), Side(pair.en), None, None, None) for k, pair in enumerate(pairs)]
    cheap = replace(PRESETS["default"], confidence=None)
    for name, profile in (("rules without numbers", replace(cheap, numbers=None)), ("rules", cheap),
                          ("rules and quality", PRESETS["default"])):  # fmt: skip
        part = rows if profile is not PRESETS["default"] else rows[:2000]
        for _ in range(2 if profile is not PRESETS["default"] else 1):  # what words are known is remembered
            judge = Filter(profile, scorer=scorer)
            start, begin = time.perf_counter(), time.process_time()
            for at in range(0, len(part), 2000):
                judge.judge(part[at:at + 2000])
            wall, cpu = time.perf_counter() - start, time.process_time() - begin
        print(f"{name}: {len(part) / wall:,.0f} pairs a second, {len(part) / cpu:,.0f} a second of processor time")


def main() -> None:
    """Build the stream, judge it with each filter, print tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--gettext", type=Path)
    parser.add_argument("--half", choices=("tune", "confirm"), default="confirm")
    parser.add_argument("--most", type=int, default=400)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--opusfilter", metavar="PYTHON")
    parser.add_argument("--show", default="", help="kinds whose missed pairs, and data sets whose lost pairs, are printed")
    parser.add_argument("--speed", action="store_true")
    arguments = parser.parse_args()
    from align.cli.filter import EncoderScorer

    pairs = stream(arguments.data, arguments.half, arguments.most, arguments.share, arguments.gettext, arguments.seed)
    scorer = Remembering(EncoderScorer())
    judged = {name: with_muwazi(pairs, name, scorer) for name in ("permissive", "default")}
    if arguments.opusfilter:
        judged["OpusFilter"] = with_opusfilter(pairs, arguments.opusfilter)
    else:
        judged["as OpusFilter"] = as_opusfilter(pairs)
    # Its filter of scripts counts diacritics and figures as foreign, and so rejects whole kinds of text by itself.
    judged["but scripts"] = [tuple(name for name in reasons if name != "CharacterScoreFilter") for reasons in
                             judged[list(judged)[-1]]]
    table(pairs, judged)
    precisions(pairs, scorer)
    if arguments.speed:
        print()
        speed(pairs, scorer.inner)
    for k, pair in enumerate(pairs):
        if bool(judged["default"][k]) == (pair.kind == "clean") and arguments.show and (
                pair.kind in arguments.show.split(",") or pair.kind == "clean" and pair.dataset in arguments.show.split(",")):
            print(pair.kind, pair.dataset, ",".join(judged["default"][k]), "|", pair.ar[:200], "|", pair.en[:200])


class Remembering:
    """A scorer that keeps what it said of a pair, so that each preset costs an encoder once."""

    def __init__(self, inner) -> None:
        self.inner = inner
        self._known: dict[tuple[int, str, str], tuple[float, float]] = {}

    def quick(self, rows):
        """As `Scorer.quick`; pairs are judged among those they are first asked about with."""
        keys = [(row.bead, row.ar.text, row.en.text) for row in rows]
        if not all(key in self._known for key in keys):
            self._known.update(zip(keys, self.inner.quick(rows), strict=True))
        return [self._known[key] for key in keys]

    def flags(self, rows):
        """As `Scorer.flags`."""
        return self.inner.flags(rows)


if __name__ == "__main__":
    main()
