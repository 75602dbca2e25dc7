"""Sites whose pages differ in little: forms filled with names and numbers, and frames around a few lines of their own.

Pages of one form say the same but for who, where, when and how many; a page whose version in the other language is away
must then be left alone, although every other page of the form nearly says what it says.
"""

import random
from collections.abc import Sequence

Text = tuple[str, ...]
_MONTHS = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")
_ENGLISH_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
                   "December")  # fmt: skip

FORMS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("حالة الطقس في {place}", "Weather in {place}"),
     ("تبلغ درجة الحرارة العظمى اليوم {a} درجة والصغرى {b} درجة.", "Today's high is {a} degrees and the low {b} degrees."),
     ("الرياح شمالية غربية تصل سرعتها إلى {c} كيلومترا في الساعة.", "Winds are from the northwest at up to {c} kilometres an hour."),
     ("تُحدَّث هذه الصفحة كل ساعة.", "This page is updated every hour."),
     ("اختر مدينة أخرى من القائمة.", "Choose another city from the list.")),
    (("إعلان قضائي", "Judicial notice"),
     ("تعلن المحكمة عن بيع عقار السيد {person} بالمزاد العلني يوم {day} {month}.",
      "The court announces the sale by public auction of the property of Mr {person} on {day} {month}."),
     ("يقع العقار في {place} وتبلغ مساحته {a} مترا مربعا.", "The property lies in {place} and measures {a} square metres."),
     ("يبدأ المزاد بسعر {n} دينار.", "Bidding starts at {n} dinars."),
     ("على الراغبين مراجعة قلم المحكمة في أوقات الدوام.", "Those interested should call at the registry during office hours.")),
    (("{person}", "{person}"),
     ("ولد {person} في {place} عام {year}.", "{person} was born in {place} in {year}."),
     ("درس الهندسة ثم عمل معلما {b} عاما.", "He studied engineering and then worked as a teacher for {b} years."),
     ("نشر {a} كتابا وترجم عددا من الروايات.", "He published {a} books and translated a number of novels."),
     ("هذه المقالة قصيرة، ويمكنك المساعدة بتوسيعها.", "This article is a stub; you can help by expanding it.")),
    (("مضخة مياه طراز {code}", "Water pump model {code}"),
     ("ترفع المضخة {a} لترا في الدقيقة إلى ارتفاع {b} مترا.", "The pump lifts {a} litres a minute to a height of {b} metres."),
     ("السعر {n} درهم شاملا الضريبة.", "The price is {n} dirhams including tax."),
     ("الضمان سنتان من تاريخ الشراء.", "The warranty runs for two years from the date of purchase."),
     ("أضف إلى السلة", "Add to basket"),
     ("اقرأ آراء من اشتروا هذا المنتج.", "Read what buyers of this product think.")),
    (("فوز {place} على {place2}", "{place} beat {place2}"),
     ("تغلب منتخب {place} على منتخب {place2} أمام {n} متفرج.", "The team of {place} beat the team of {place2} before {n} spectators."),
     ("سجل {person} هدف المباراة الوحيد في الدقيقة {a}.", "{person} scored the only goal of the match in the {a}th minute."),
     ("ويلتقي الفريقان مجددا يوم {day} {month}.", "The two teams meet again on {day} {month}.")),
    (("وظيفة شاغرة في {place}", "Vacancy in {place}"),
     ("تطلب الشركة محاسبا بخبرة لا تقل عن {b} عاما.", "The company seeks an accountant with at least {b} years of experience."),
     ("الراتب الشهري {n} ريال.", "The monthly salary is {n} riyals."),
     ("آخر موعد لتقديم الطلبات {day} {month}.", "The closing date for applications is {day} {month}."),
     ("ترسل الطلبات إلى السيدة {person}.", "Applications are to be sent to Ms {person}."),
     ("لن يُنظر في الطلبات الناقصة.", "Incomplete applications will not be considered.")),
    (("قرية قرب {place}", "A village near {place}"),
     ("بلغ عدد سكان القرية {n} نسمة في تعداد عام {year}.", "The village had {n} inhabitants in the census of {year}."),
     ("تقع على ارتفاع {a} مترا فوق سطح البحر.", "It lies at {a} metres above sea level."),
     ("يعمل معظم السكان في الزراعة.", "Most of the inhabitants work in farming.")),
    (("موعد الرحلة {code}", "Flight {code}"),
     ("تقلع الرحلة من {place} إلى {place2} يوم {day} {month}.", "The flight leaves {place} for {place2} on {day} {month}."),
     ("يغلق باب الصعود قبل الإقلاع بمدة {b} دقيقة.", "Boarding closes {b} minutes before departure."),
     ("وزن الأمتعة المسموح به {a} كيلوغراما.", "The baggage allowance is {a} kilograms."),
     ("نتمنى لكم رحلة سعيدة.", "We wish you a pleasant flight.")),
)  # fmt: skip
"""Pages as pairs of lines; even numbers are learnt from, odd ones only judged."""


def filled(form: Sequence[tuple[str, str]], people: Sequence[tuple[str, str]], places: Sequence[tuple[str, str]],
           rng: random.Random) -> tuple[Text, Text]:  # fmt: skip
    """Both versions of a page of a form."""
    month = rng.randrange(12)
    same = {"a": rng.randint(11, 99), "b": rng.randint(11, 40), "c": rng.randint(11, 70), "n": rng.randint(1, 99) * rng.choice((100, 250, 1000)),
            "year": rng.randint(1890, 2015), "day": rng.randint(1, 28), "code": f"{rng.choice('KLMRTX')}{rng.choice('ABDS')}{rng.randint(100, 999)}"}
    person, (place, place2) = rng.choice(people), rng.sample(places, 2)
    return tuple(tuple(line[k].format(**same, person=person[k], place=place[k], place2=place2[k], month=(_MONTHS, _ENGLISH_MONTHS)[k][month])
                       for line in form) for k in (0, 1))  # fmt: skip


def framed(frame: Sequence[tuple[str, str]], own: Sequence[tuple[str, str]]) -> tuple[Text, Text]:
    """Both versions of a page: its own lines between the two halves of a frame."""
    half = len(frame) // 2
    lines = [*frame[:half], *own, *frame[half:]]
    return tuple(a for a, _ in lines), tuple(e for _, e in lines)
