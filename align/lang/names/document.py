"""Names of a whole document: what keeps standing together, what stands in another bead, what is ordinary here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from .. import tables
from ..en.clauses import is_function
from .alike import ArabicNames, LatinNames, is_same
from .comparison import NameAlert, NameComparison
from .find import Analysed, analyse_arabic, analyse_english, english_words, foreign, function_words
from .letters import fold_arabic, fold_latin
from .lexicon import Lexicon, shipped_lexicon
from .match import compare_analysed, english_words_of
from .words import variants

_WEIGHTS = tables.weights("names/weights")["document"]
_MEMORY = 12  # beads within which a pronoun takes a name up
_TERM = 3  # beads from which on a capitalised ordinary word is a term of the document


def _core(form: str) -> str:
    """An Arabic word without article and clitics, as counting sees it."""
    if form.startswith("ال") and len(form) > 4:
        return form[2:]
    for clitic in ("وال", "بال", "فال", "كال", "لل"):
        if form.startswith(clitic) and len(form) - len(clitic) > 2:
            return form[len(clitic) :]
    return form


def cooccurrence(
    beads: Sequence[tuple[Analysed, Analysed]], wanted: Iterable[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """English names (folded) and the Arabic words that keep standing in the same beads and hardly elsewhere.

    `wanted` restricts the names. Twice is enough only for Arabic words that are no ordinary ones.
    """
    keep = None if wanted is None else set(wanted)
    names: dict[str, set[int]] = {}
    for number, (_, en) in enumerate(beads):
        for token in en.tokens:
            if (
                token.label in ("name", "known", "acronym")
                and len(token.form) > 1
                and (keep is None or token.form in keep)
            ):
                names.setdefault(token.form, set()).add(number)
    names = {name: places for name, places in names.items() if len(places) > 1}
    if not names:
        return {}
    words: dict[str, set[int]] = {}
    odd: Counter[str] = Counter()
    for number, (ar, _) in enumerate(beads):
        for token in ar.tokens:
            if len(token.form) > 2 and token.label != "latin" and token.form not in function_words():
                core = _core(token.form)
                words.setdefault(core, set()).add(number)
                odd[core] += token.label == "name"
    found = {}
    for name, places in names.items():
        candidates = Counter(w for number in places for w in {_core(t.form) for t in beads[number][0].tokens})
        best = []
        for word, together in candidates.items():
            if word not in words or together < 2:
                continue
            share = together / len(places)
            only_here = together / len(words[word])
            enough = together >= 3 or odd[word] > 0
            if enough and min(share, only_here) >= _WEIGHTS["together"]:
                best.append((share + only_here + _WEIGHTS["odd"] * (odd[word] > 0), word))
        if best:
            found[name] = tuple(word for _, word in sorted(best, reverse=True)[:2])
    return found


_PARTS = ("name", "known")  # labels of words that are parts of names


class DocumentNames:
    """The names of a document given as the Arabic and the English text of each bead, in order (empty where one-sided).

    Offsets of all results are code points in the text of the bead.
    """

    def __init__(self, ar_texts: Sequence[str], en_texts: Sequence[str], lexicon: Lexicon | None = None) -> None:
        if len(ar_texts) != len(en_texts):
            raise ValueError(f"{len(ar_texts)} Arabic and {len(en_texts)} English texts: expected one of each a bead")
        self.lexicon = shipped_lexicon() if lexicon is None else lexicon
        self.ordinary = english_words_of(en_texts)
        self.beads = [
            (analyse_arabic(ar, self.lexicon), analyse_english(en, self.lexicon, self.ordinary))
            for ar, en in zip(ar_texts, en_texts, strict=True)
        ]
        self._first = [compare_analysed(ar, en, self.lexicon) for ar, en in self.beads]
        self.cooccurring: Mapping[str, tuple[str, ...]] = self._cooccurring()
        self._places_ar: dict[str, list[int]] | None = None
        self._places_en: dict[str, list[int]] | None = None
        self._matched: dict[str, dict[str, set[str]]] = {}
        self._words: dict[str, dict[str, list[int]]] = {}
        self._entries: dict[str, dict[int, list[int]]] = {}
        self._named: dict[str, ArabicNames | LatinNames] = {}
        self._found: dict[tuple[str, str], tuple[int, ...]] = {}
        self._done: list[NameComparison | None] = [None] * len(self.beads)

    def __len__(self) -> int:
        return len(self.beads)

    def compare(self, bead: int) -> NameComparison:
        """The names of a bead: matched, only here, or moved (standing on the other side in another bead)."""
        done = self._done[bead]
        if done is None:
            done = self._first[bead]
            if self.cooccurring and any(self._is_cooccurring(bead, alert) for alert in done.only_en):
                done = compare_analysed(*self.beads[bead], self.lexicon, self.cooccurring)
            done = NameComparison(
                done.matched,
                tuple(self._seen_elsewhere(bead, a) for a in done.only_ar if not self._is_one_person(bead, a)),
                tuple(self._seen_elsewhere(bead, self._named_here(bead, a)) for a in done.only_en if not self._is_one_person(bead, a)),
            )
            self._done[bead] = done
        return done

    def elsewhere(self, bead: int, alert: NameAlert) -> tuple[int, ...]:
        """The beads in which a name that `bead` has on one side only stands on the other side."""
        analysed = self.beads[bead][0 if alert.side == "ar" else 1]
        tokens = [
            t
            for t in analysed.tokens[slice(*alert.name.tokens)]
            if t.label in ("name", "known", "ordinary", "acronym", "latin")
        ]
        places: set[int] | None = None
        for token in tokens:
            found = self._entry_places(alert.side, token.entries) | set(self._form_places(alert.side, token.form))
            places = found if places is None else places & found
        return tuple(sorted((places or set()) - {bead}))

    def _cooccurring(self) -> dict[str, tuple[str, ...]]:
        wanted = set()
        for number, comparison in enumerate(self._first):
            tokens = self.beads[number][1].tokens
            for alert in comparison.only_en:
                if alert.strength < _WEIGHTS["matters"]:
                    continue
                wanted.update(
                    t.form for t in tokens[slice(*alert.name.tokens)] if t.label in ("name", "known", "acronym")
                )
        return cooccurrence(self.beads, wanted) if wanted else {}

    def _is_cooccurring(self, bead: int, alert: NameAlert) -> bool:
        return any(t.form in self.cooccurring for t in self.beads[bead][1].tokens[slice(*alert.name.tokens)])

    def _entry_places(self, side: str, entries: Iterable[int]) -> set[int]:
        if side not in self._entries:
            known: dict[int, list[int]] = {}
            for number, bead in enumerate(self.beads):
                for entry in bead[1 if side == "ar" else 0].entries:
                    known.setdefault(entry, []).append(number)
            self._entries[side] = known
        return {n for e in entries for n in self._entries[side].get(e, ())}

    def _named_here(self, bead: int, alert: NameAlert) -> NameAlert:
        """A capitalised ordinary word (Ford, Rangers) is a name where the document spells it in Arabic twice.

        It is a term of the document's own (this Regulation, the Buyer), and none, where it keeps coming up otherwise.
        """
        if alert.name.kind != "phrase" or self.beads[bead][1].tokens[alert.name.tokens[0]].label != "ordinary":
            return alert
        answers = self._answers("en")
        here = {form for token in self.beads[bead][0].tokens for form in variants(token.form)}
        for token in self.beads[bead][1].tokens[slice(*alert.name.tokens)]:
            if is_function(token.form):
                continue  # all, his: what sounds like them is chance
            if not here.isdisjoint(answers.get(token.form, ())):
                return replace(alert, strength=0.0)
            places = {p for a in answers.get(token.form, ()) if len(a) > 2 for p in self._word_places("en", a)}
            if len(places) > 1 and token.label == "ordinary":
                return replace(alert, strength=max(alert.strength, _WEIGHTS["term"]), why=(*alert.why, "a name in this document"))
        terms = [t.form for t in self.beads[bead][1].tokens[slice(*alert.name.tokens)]]
        if not any(answers.get(term) for term in terms) and all(len(self._word_places("ar", t)) >= _TERM for t in terms):
            return replace(alert, strength=0.0)
        return alert

    def _form_places(self, side: str, form: str) -> tuple[int, ...]:
        known = self._found.get((side, form))
        if known is None:
            found: set[int] = set()
            for answer in self._answers(side).get(form, ()):
                found.update(self._word_places(side, answer))
            places = self._places("en" if side == "ar" else "ar")
            for other in self._names(side).like(form):
                if is_same(form, other, True) if side == "en" else is_same(other, form, True):
                    found.update(places[other])
            known = self._found[side, form] = tuple(sorted(found))
        return known

    def _names(self, side: str) -> ArabicNames | LatinNames:
        """The names of the other side."""
        if side not in self._named:
            self._named[side] = ArabicNames(self._places("ar")) if side == "en" else LatinNames(self._places("en"))
        return self._named[side]

    def _answers(self, side: str) -> dict[str, set[str]]:
        """What a folded name of one side was matched with, anywhere in the document."""
        if side not in self._matched:
            answers: dict[str, set[str]] = {}
            for (ar, en), comparison in zip(self.beads, self._first, strict=True):
                for match in comparison.matched:
                    if match.how != "transliteration":
                        continue
                    arabic = fold_arabic(ar.text[slice(*match.ar)])
                    latin = fold_latin(en.text[slice(*match.en)])
                    own, other = (arabic, latin) if side == "ar" else (latin, arabic)
                    answers.setdefault(own, set()).add(other)
            self._matched[side] = answers
        return self._matched[side]

    def _word_places(self, side: str, form: str) -> list[int]:
        """The beads whose other side has a word of this folded form."""
        if side not in self._words:
            words: dict[str, list[int]] = {}
            for number, bead in enumerate(self.beads):
                for token in bead[1 if side == "ar" else 0].tokens:
                    words.setdefault(token.form, []).append(number)
            self._words[side] = words
        return self._words[side].get(form, [])

    def _places(self, side: str) -> dict[str, list[int]]:
        """The names of one side and the beads in which they stand."""
        saved = self._places_ar if side == "ar" else self._places_en
        if saved is None:
            saved = {}
            for number, bead in enumerate(self.beads):
                for token in bead[0 if side == "ar" else 1].tokens:
                    if side == "ar":
                        named = len(token.form) > 2 and (token.label == "name" or foreign(token.form) > _WEIGHTS["shape"])
                    else:
                        named = token.label in ("name", "known", "ordinary")
                    if named:
                        saved.setdefault(token.form, []).append(number)
            if side == "ar":
                self._places_ar = saved
            else:
                self._places_en = saved
        return saved

    def _seen_elsewhere(self, bead: int, alert: NameAlert) -> NameAlert:
        if alert.strength < _WEIGHTS["matters"] or alert.relation == "mismatch":
            return alert
        places = self.elsewhere(bead, alert)
        if not places:
            return alert
        lone = [p for p in places if self._alone(p, alert)]
        relation = "moved" if lone else alert.relation
        share = "moved" if lone else "pronoun" if self._is_resumed(bead, alert, places) else "elsewhere"
        return replace(
            alert, relation=relation, strength=alert.strength * _WEIGHTS[share], why=(*alert.why, "elsewhere in the document")
        )

    def _is_one_person(self, bead: int, alert: NameAlert) -> bool:
        """Whether the other side calls the same person by another part of a name that stands in full in another bead."""
        tokens = self.beads[bead][0 if alert.side == "ar" else 1].tokens
        begin, end = alert.name.tokens
        if end - begin != 1 or any(t.label in _PARTS for t in (*tokens[max(begin - 1, 0) : begin], *tokens[end : end + 1])):
            return False
        form = tokens[begin].form
        for place, parts in self._full_names:
            if place == bead:
                continue
            own = [p for p in parts if (p == form if alert.side == "en" else is_same(p, form, True))]
            others = [p for p in parts if p not in own]
            if own and others:
                there = self.beads[bead][1 if alert.side == "ar" else 0].tokens
                if alert.side == "ar" and any(t.form in others for t in there):
                    return True
                if alert.side == "en" and any(t.label in _PARTS and is_same(p, t.form, True) for t in there for p in others):
                    return True
        return False

    @cached_property
    def _full_names(self) -> list[tuple[int, frozenset[str]]]:
        """The English names of two and three words: the bead and the folded words."""
        found = []
        for number, (_, en) in enumerate(self.beads):
            run: list[int] = []
            for k, token in enumerate((*en.tokens, None)):
                if token is not None and token.label in _PARTS and (not run or en.text[en.tokens[k - 1].end : token.start] == " "):
                    run.append(k)
                    continue
                if 2 <= len(run) <= 3:
                    found.append((number, frozenset(en.tokens[i].form for i in run)))
                run = [k] if token is not None and token.label in _PARTS else []
        return found

    def _is_resumed(self, bead: int, alert: NameAlert, places: Sequence[int]) -> bool:
        """Whether a name may be answered by a pronoun, or by the person of a verb: it was named a little before."""
        if not any(0 < bead - p <= _MEMORY for p in places):
            return False
        kinds = {self.lexicon.entries[e].kind for e in alert.name.entries}
        if kinds & {"country", "place"} or alert.name.kind not in ("name", "known"):
            return False
        return alert.side == "en" or any(t.text.lower() in english_words("pronoun") for t in self.beads[bead][1].tokens)

    def _alone(self, place: int, alert: NameAlert) -> bool:
        """Whether the other side's name in bead `place` has no counterpart there either: the two answer each other."""
        comparison = self._first[place]
        alerts = comparison.only_en if alert.side == "ar" else comparison.only_ar
        tokens = self.beads[place][1 if alert.side == "ar" else 0].tokens
        own = self._own_forms(alert)
        for other in alerts:
            forms = [t.form for t in tokens[slice(*other.name.tokens)]]
            if any(is_same(f, o, True) if alert.side == "ar" else is_same(o, f, True) for f in forms for o in own):
                return True
        return False

    def _own_forms(self, alert: NameAlert) -> list[str]:
        fold = fold_arabic if alert.side == "ar" else fold_latin
        return [f for f in map(fold, alert.name.text.replace("-", " ").split()) if f]
