"""English names of months, weekdays and decades."""

_MONTHS = "january february march april may june july august september october november december".split()
MONTHS = {name: i for i, name in enumerate(_MONTHS, 1)} | {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
# Words that are months only with a capital and beside a day, a year or a preposition of time.
AMBIGUOUS = frozenset({"may", "march", "mar", "jan", "jun", "sep", "dec"})
WEEKDAYS = {
    name: i
    for i, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())
}  # fmt: skip
WEEKDAYS["sabbath"] = 5
WEEKDAYS |= {name + "s": i for name, i in WEEKDAYS.items()}
WEEKDAY_ABBREVIATIONS = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip
