"""Onefold's SQL functions for DuckDB, written from what `\\df` documents and not from src/engine/functions: a second
opinion, so that a slip on one side shows. Scalars are Python on public libraries (phonenumbers, zoneinfo, unicodedata,
decimal); aggregates are SQL macros, or Python on the list of all their rows.

Postcodes are known here for the countries of the sample shop and a few more; for others, and for words of parse_boolean
in languages that the sample does not speak, an error is raised rather than an answer guessed.
"""

import json
import re
import unicodedata
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from math import exp, fsum, log1p, sqrt
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
from scipy.integrate import quad
from scipy.special import hyp2f1

INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])


def nfkc(text):
    return unicodedata.normalize("NFKC", text)


# ── e-mail ───────────────────────────────────────────────────────────────────────────────────────────────────────────

WRAPS = "<>()[]\"',; \t\r\n\u00a0\u3000"
LABEL = r"(?!-)(?:[^\W_]|-){1,63}(?<!-)"
ADDRESS = re.compile(rf"(?P<local>[\w!#$%&'*+/=?^`{{|}}~-]+(?:\.[\w!#$%&'*+/=?^`{{|}}~-]+)*)@(?P<host>(?:{LABEL}\.)+(?P<top>{LABEL}))")


def normalize_email(text):
    text = nfkc(nfkc(text).translate(INVISIBLE).replace("\u3002", ".").lower())
    text = re.sub(r"^.*<([^>]*)>?.*$", r"\1", text, flags=re.DOTALL).strip(WRAPS)
    text = re.sub(r"^(mailto:|smtp:)\s*([^?]*).*$", r"\2", text, flags=re.DOTALL)
    text = text.strip(WRAPS).rstrip(WRAPS + ".:!")
    match = ADDRESS.fullmatch(text)
    fits = match and len(match["local"].encode()) <= 64 and len(match["host"].encode()) <= 253
    return text if fits and len(match["top"].encode()) >= 2 and not match["top"].isdecimal() else None


def email_domain(text):
    address = normalize_email(text)
    return address and address.split("@")[1]


# ── phone ────────────────────────────────────────────────────────────────────────────────────────────────────────────

VIETNAM_2018 = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78", "123": "83", "124": "84", "125": "85", "127": "81",
    "129": "82", "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip


def e164(text, region):
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalize_phone(text, country):
    region = country and {"UK": "GB", "EL": "GR"}.get(country.strip().upper(), country.strip().upper())
    region = region if region in phonenumbers.SUPPORTED_REGIONS else None
    text = nfkc(text).translate(INVISIBLE).strip().removesuffix(".0")
    digits = re.sub(r"[^0-9]", "", text)
    readings = [(text, region)]
    if "(0)" in text:
        readings.append((text.replace("(0)", "", 1), region))
    if digits.startswith("00"):
        readings.append(("+" + digits[2:], region))
    vietnam = re.fullmatch(r"84(1\d\d)(\d{7})", digits)
    vietnam = vietnam or (region == "VN" and re.fullmatch(r"0(1\d\d)(\d{7})", digits))
    if vietnam and vietnam[1] in VIETNAM_2018:
        readings.append((f"+84{VIETNAM_2018[vietnam[1]]}{vietnam[2]}", "VN"))
    first = re.search(r"[+(0-9](?:[^0-9]*[0-9]){6,}?[^\W_a-zA-Z]*[^a-zA-Z;,/|]*", text)
    if first and first[0] != text:
        readings.append((first[0], region))
    return next(filter(None, (e164(*reading) for reading in readings)), None)


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

NOBODY = {
    "n/a", "n.a", "#n/a", "#name?", "#ref!", "#value!", "undefined", "unknown", "not known", "not available",
    "not applicable", "not provided", "not given", "unnamed", "no name", "noname", "anonymous", "anonym", "test",
    "test test", "test user", "test customer", "testtest", "dummy", "xxx", "xxxx", "asdf", "qwerty", "tbd", "tba",
    "walk-in customer", "guest user", "guest customer", "necunoscut", "anonim", "unbekannt", "inconnu", "desconocido",
    "sconosciuto", "onbekend", "không rõ", "未知", "匿名", "测试",
}  # fmt: skip
APOSTROPHES = "'`´‘’‛′‵＇\u02b9\u02ba\u02bb\u02bc\u02bd"
PARTICLES = set(
    "van von der den de del della dello degli dei di da do dos das du ter bin ibn bint binti und".split()
)
ASIAN_FAMILIES = set(
    "nguyen nguyễn tran trần le lê pham phạm huynh huỳnh hoang hoàng phan vu vũ vo võ dang đặng bui bùi ngo ngô duong".split()
)


def is_latin(letter):
    return letter.isalpha() and (letter < "\u0250" or "\u1e00" <= letter <= "\u1eff")


def normalize_name(text):
    text = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
        if letter.isspace() or unicodedata.category(letter) != "Cc"
    )
    text = text.translate({key: None for key in INVISIBLE if key not in (0x200C, 0x200D)})
    name = re.sub(" +", " ", text).strip(' "“”,;*')
    bare = name.strip(" .()[]<>-_")
    if not any(map(str.isalpha, name)) or bare.lower() in NOBODY or bare in "NULL null nan NaN none NONE".split():
        return None
    latin = [letter for letter in name if is_latin(letter)]
    has_upper, has_lower = any(map(str.isupper, latin)), any(map(str.islower, latin))
    if has_upper == has_lower:
        return name
    words = name.split(" ")
    words = [word[:1] + word[1:].replace("İ", "i") for word in words]
    lowered = [
        "".join(letter.lower() if is_latin(letter) and letter != "İ" else letter for letter in word) for word in words
    ]
    particles = PARTICLES if lowered[0] not in ASIAN_FAMILIES else set()
    spelled = []
    for at, word in enumerate(lowered):
        inside = 0 < at < len(words) - 1
        after_de = word in ("la", "las", "los", "het") and at > 0 and spelled[-1].endswith("e")
        if inside and particles and (word in particles or after_de):
            spelled.append(word)
        elif 0 < at == len(words) - 1 and word in ("ii", "iii", "iv"):
            spelled.append(word.upper())
        else:
            spelled.append(capitalize(word))
    return " ".join(spelled)


def capitalize(word):
    def capital(match):
        upper = match[2].upper()
        return match[1] + (upper if len(upper) == 1 and is_latin(match[2]) else match[2])

    word = re.sub(r"(^|[-./(&‐–\"])(\w)", capital, word)
    word = re.sub(rf"((?:^|[-./(&‐–\"])[^\W\d_][{APOSTROPHES}])(\w)", capital, word)
    return re.sub(rf"((?:^|[-./(&‐–\"{APOSTROPHES}])Mc)(\w)", capital, word) if len(word.encode()) > 4 else word


PLAIN = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "ŋ": "n", "ς": "σ", "ß": "ss", "þ": "th",
     "æ": "ae", "œ": "oe"}
)  # fmt: skip
UNSEEN = dict.fromkeys([*map(ord, APOSTROPHES), *range(0x200B, 0x2010), 0xAD])


def fold_name(text):
    letters, base = [], " "
    for letter in unicodedata.normalize("NFKD", text.translate(UNSEEN)).lower().translate(PLAIN):
        is_mark = unicodedata.category(letter).startswith("M")
        if is_mark and re.match(r"[\u0000-\u024f\u1e00-\u1fff\u0370-\u03ff\u0590-\u06ffе]", base):
            continue
        if not is_mark:
            base = letter
        letters.append(letter if is_mark or letter.isalnum() else " ")
    return unicodedata.normalize("NFC", " ".join("".join(letters).translate(UNSEEN).split())) or None


# ── postcodes ────────────────────────────────────────────────────────────────────────────────────────────────────────

# By country: the letters in front on cars, the lengths of its codes, with how many zeros codes can begin.
DIGITS = {
    "AT": ("A", (4,), 0), "BE": ("B", (4,), 0), "CH": ("CH", (4,), 0), "CN": ("CHN", (6,), 1), "DE": ("D", (5,), 1),
    "DK": ("DK", (4,), 1), "ES": ("E", (5,), 1), "FR": ("F", (5,), 1), "HU": ("H", (4,), 0), "IT": ("I", (5,), 2),
    "RO": ("RO", (6,), 1), "VN": ("VN", (5, 6), 1),
}  # fmt: skip


def normalize_postcode(text, country):
    text = " ".join(nfkc(nfkc(text).upper()).split())
    if not re.search(r"[^\W0_]", text) or text == "N/A":
        return None
    compact = re.sub(r"[\W_]", "", text)
    country = (country or "").strip().upper()
    if country in ("GB", "UK"):
        british = re.fullmatch(r"([A-Z]{1,2}(?:[0-9]{1,2}|[0-9][A-Z]))([0-9][A-Z]{2})", compact)
        return f"{british[1]} {british[2]}" if british else text
    if country in DIGITS:
        plate, lengths, zeros = DIGITS[country]
        bare = re.sub(f"^(?:{country}|{plate})(?=[0-9])", "", compact)
        if not bare.isdecimal():
            return text
        if len(bare) not in lengths and 0 < lengths[0] - len(bare) <= zeros:
            bare = bare.zfill(lengths[0])
        return bare if len(bare) in lengths else text
    if country:
        raise NotImplementedError(f"postcodes of {country} are not known to tests/duckdb/functions.py")
    return text


# ── dates, numbers, truth ────────────────────────────────────────────────────────────────────────────────────────────

ISO = re.compile(r"\d{4}(-?)\d\d\1\d\d(?:[Tt ]\d\d(:?)\d\d(?:\2\d\d(?:[.,]\d{1,9})?)?\s*(?:Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?")
SEPARATOR = "\x1f"


def read_moment(text, formats):
    text = nfkc(text).strip()
    for form in formats.split(SEPARATOR):
        for short, long in (("%F", "%Y-%m-%d"), ("%T", "%H:%M:%S"), ("%R", "%H:%M"), ("%D", "%m/%d/%y"), ("%e", "%d")):
            form = form.replace(short, long)
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def parse_date(text, formats):
    moment = read_moment(text, formats)
    return moment and moment.date()


def parse_timestamp(text, zone, formats):
    if formats:
        moment = read_moment(text, formats)
    else:
        text = nfkc(text).strip()
        try:
            text = re.sub(r"\s*(UTC|GMT|z)$", "Z", re.sub(r"(\d\d:\d\d:)60", r"\g<1>59", text)) if ISO.fullmatch(text) else ""
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
    if moment is None or (moment.tzinfo is None and zone is None):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


def from_epoch(text, micros):
    if not re.fullmatch(r"[+-]?[0-9]+", text := nfkc(text).strip()):
        return None
    try:
        return datetime(1970, 1, 1) + timedelta(microseconds=int(text) * micros)
    except OverflowError:
        return None


CURRENCY = re.compile(r"(?:[$£¥€₫]|\b(?:GBP|EURO|EUR|USD|RON|LEI|LEU|VND|VNĐ|CNY|RMB|Đ|KR|FR|CHF|PLN|HUF)\b\.?|元)", re.IGNORECASE)


def parse_decimal(text, mark):
    text = nfkc(text).strip().replace("\u2212", "-").replace("\u2013", "-")
    brackets = re.fullmatch(r"\((.*)\)", text)
    text = CURRENCY.sub("", brackets[1] if brackets else text).strip()
    text = re.sub(rf"{re.escape(mark)}-+$", "", text)
    sign = re.fullmatch(r"([+-]?)\s*([^+-]*?)\s*([+-]?)", text)
    if not sign or bool(sign[1]) + bool(sign[3]) + bool(brackets) > 1:
        return None
    whole, _, fraction = CURRENCY.sub("", sign[2]).strip().partition(mark)
    grouped = "|".join(rf"[0-9]{{1,3}}(?:{other}[0-9]{{2,3}})*{other}[0-9]{{3}}" for other in (r"\.", ",", " ", "['’]"))
    if not re.fullmatch(rf"[0-9]*|{grouped}", whole) or (mark in whole) or not re.fullmatch("[0-9]*", fraction):
        return None
    digits = re.sub("[^0-9]", "", whole)
    if not digits + fraction or len(digits.lstrip("0")) > 22 or len(fraction.rstrip("0")) > 6:
        return None
    number = Decimal(f"{digits or 0}.{(fraction or '0')[:6]}").quantize(Decimal("0.000001"))
    return -number if "-" in (sign[1], sign[3]) or brackets else number


YES = set("1 -1 x ✓ ✔ ☑ y yes t true on 是 有 对 ano ja j kyllä oui vrai igen sì si s はい 예 tak sim da adevărat sí evet có co đúng".split())
NO = set("0 ✗ ✘ ☐ n no f false off 否 不 无 错 ne nej nee ei non faux nein nem いいえ nie não nao nu fals hayır không khong sai".split())


def parse_boolean(text):
    word = nfkc(nfkc(text).lower()).strip()
    if word and word not in YES | NO and word.isalpha() and not word.isascii():
        raise NotImplementedError(f"parse_boolean('{word}') is not known to tests/duckdb/functions.py")
    return True if word in YES else False if word in NO else None


# ── tone and topic ───────────────────────────────────────────────────────────────────────────────────────────────────

# By the same word lists, which are data; after VADER (Hutto, Gilbert 2014), as the lists' description in data/README.md
# says: negation reaches three words, emphasis two.

DATA = Path(__file__).resolve().parents[2] / "data"
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
HAN = "々\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = re.compile("[\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe]")
CLAUSE, SENTENCE, EXCLAMATION = ",;:()，；：、（）", ".?\n…。？", "!！"


def lines(table, fields):
    return [line.split(",", fields - 1) for line in (DATA / table).read_text().splitlines()[1:]]


TONGUES = lines("feedback_languages.csv", 3)
EMOJI = {letter for language, _, words in lines("tone_words.csv", 3) if language == "any" for letter in words} - {"|"}


def prepared(text):
    text = text.encode()[:8192].decode(errors="ignore")
    marks = {"\ufe0f": " ", **dict.fromkeys(APOSTROPHES, " "), **dict.fromkeys(CLAUSE, ","), **dict.fromkeys(SENTENCE, "."), **dict.fromkeys(EXCLAMATION, "!")}
    pieces = re.split("([" + re.escape("".join(marks) + "".join(EMOJI)) + "])", text)
    words = [marks.get(piece, piece) if at % 2 else fold_name(piece.translate(UMLAUTS)) for at, piece in enumerate(pieces)]
    return "".join(word + " " for word in words if word and word != " ")


def patterns(words):
    for word in words.split("|"):
        text = prepared(word.rstrip("*"))
        yield text.rstrip() if word.endswith("*") or re.search(f"[{HAN}] $", text) else text


@lru_cache(None)
def lexicons():
    known = []
    for code, _, _ in TONGUES:
        tones, topics = {}, {}
        for language, role, words in lines("tone_words.csv", 3):
            if language in (code, "any"):
                for pattern in patterns(words):
                    tones.setdefault(pattern, float(role) if re.fullmatch("[-0-9.]+", role) else role)
        for topic, language, weight, words in lines("topic_words.csv", 4):
            if language == code:
                for pattern in patterns(words):
                    topics.setdefault(pattern, (topic, int(weight)))
        known.append((tones, topics))
    return known


@lru_cache(None)
def hints():
    words, letters = {}, {}
    for at, ((_, own, common), (tones, topics)) in enumerate(zip(TONGUES, lexicons())):
        for letter in own:
            letters.setdefault(letter, []).append(at)
        listed = {*patterns(common), *tones, *topics}
        # A stem, which ends the phrase without a space, is no word.
        for word in {word for pattern in listed for word in pattern.split(" ")[:-1] if word != pattern.split(" ")[-1]}:
            words.setdefault(word, []).append(at)
    return {word: tongues for word, tongues in words.items() if word not in EMOJI}, letters


def tongue(text, folded):
    words, letters = hints()
    scores = [0] * len(TONGUES)
    chinese = [code for code, _, _ in TONGUES].index("zh")
    found = [words.get(word, ()) for word in folded.split(" ")]
    for letter in text.lower():
        if not letter.isascii():
            found.append(letters.get(letter) or ([chinese] if re.match(f"[{HAN}]", letter) else ()))
    for tongues in found:
        for at in tongues:
            scores[at] += 60 // len(tongues)
    if KANA.search(text):
        scores[chinese] = 0
    return scores.index(max(scores)) if max(scores) else None


def phrases(text, words):
    """Where the longest phrase of each place begins, by the number of its word, and what it means."""
    starts = [match.start() for match in re.finditer(f"(?<![^ {HAN}])[^ ]|[{HAN}]", text)]
    longest = max(map(len, words))
    until = 0
    for number, at in enumerate(starts):
        if at >= until:
            found = next((text[at : at + size] for size in range(longest, 0, -1) if text[at : at + size] in words and at + size <= len(text)), None)
            until = at + len(found or "")
            yield number, at, words[found] if found else text[at] if text[at + 1 : at + 2] == " " else ""


def tone(text, words):
    total = sentence = 0.0
    last = negated = emphasis = None
    after_but, exclamations, says = False, 0, False
    for number, _, role in phrases(text, words):
        if role in (",", ".", "!", "but"):
            last = negated = emphasis = None
        if role in (".", "!"):
            exclamations += role == "!"
            total, sentence, after_but = total + sentence, 0.0, False
        elif role == "but":
            sentence, after_but = sentence * 0.5, True
        elif role in ("more", "less"):
            emphasis = (1.25 if role == "more" else 0.75, number)
        elif role in ("not", "not_behind"):
            if role == "not_behind" and last:
                sentence += last[0] * -0.74 - last[0] if number - last[1] <= 3 else 0.0
                last = None
            negated = number
        elif isinstance(role, float) and role:
            value = role * (emphasis[0] if emphasis and number - emphasis[1] <= 2 else 1.0)
            is_negated = negated is not None and number - negated <= 3
            value *= -0.74 if is_negated else 1.0
            value *= 1.5 if after_but else 1.0
            says, sentence, last = True, sentence + value, None if is_negated else (value, number)
    total += sentence
    if total:
        total += min(exclamations, 3) * 0.292 * (1 if total > 0 else -1)
    return round(total / (total * total + 15.0) ** 0.5, 3) if says else None


def topic(text, words):
    weights, first = {}, {}
    for _, at, subject in phrases(text, words):
        if isinstance(subject, tuple):
            weights[subject[0]] = weights.get(subject[0], 0) + subject[1]
            first.setdefault(subject[0], at)
    return min(weights, key=lambda name: (-weights[name], first[name]), default=None)


def read(text, answer):
    folded = prepared(text)
    at = tongue(text, folded)
    tried = lexicons() if at is None else [lexicons()[at]]
    return next((said for said in (answer(folded, *lexicon) for lexicon in tried) if said is not None), None)


def text_tone(text):
    return read(text, lambda folded, tones, _: tone(folded, tones))


def text_topic(text):
    def answer(folded, tones, topics):
        return topic(folded, topics) or ("praise" if (tone(folded, tones) or 0) >= 0.4 else None)

    return read(text, answer)


# ── lifetime value ───────────────────────────────────────────────────────────────────────────────────────────────────

# By the papers' formulas, and Gauss's hypergeometric function of scipy. MBG/NBD: Batislam, Denizel, Filiztekin (2007);
# Gamma–Gamma: Fader, Hardie (2013). A fit is no function here: values.py compares fits by their likelihood.


def known(*values):
    return all(value is not None for value in values)


def mbg_nbd_p_alive(r, alpha, a, b, x, t_x, t):
    if not known(r, alpha, a, b, x, t_x, t):
        return None
    return 1 / (1 + a / (b + x) * ((alpha + t) / (alpha + t_x)) ** (r + x))


def mbg_nbd_p_order(r, alpha, a, b, x, t_x, t, horizon):
    alive = mbg_nbd_p_alive(r, alpha, a, b, x, t_x, t)
    return None if alive is None else alive * (1 - ((alpha + t) / (alpha + t + horizon)) ** (r + x))


def mbg_nbd_expected_orders(r, alpha, a, b, x, t_x, t, horizon):
    alive = mbg_nbd_p_alive(r, alpha, a, b, x, t_x, t)
    if alive is None:
        return None
    if a == 0:
        return (r + x) / (alpha + t) * horizon
    gone = ((alpha + t) / (alpha + t + horizon)) ** (r + x)
    gauss = hyp2f1(r + x, b + x + 1, a + b + x, horizon / (alpha + t + horizon))
    return alive * (a + b + x) / (a - 1) * (1 - gone * gauss)


def mbg_nbd_clv(r, alpha, a, b, x, t_x, t, spend, horizon, annual_rate, units_per_year):
    if not known(r, alpha, a, b, x, t_x, t, spend):
        return None
    delta = log1p(annual_rate) / units_per_year
    orders = lambda until: mbg_nbd_expected_orders(r, alpha, a, b, x, t_x, t, until)
    inner = quad(lambda until: exp(-delta * until) * orders(until), 0, horizon, epsrel=1e-11, limit=200)[0]
    return spend * (exp(-delta * horizon) * orders(horizon) + delta * inner)


def gamma_gamma_expected_spend(p, q, v, x, mean):
    if not known(p, q, v, x, mean):
        return None
    weight = p * x + q - 1
    return p * (v + x * mean) / weight if weight > 0 else None


# ── what is bought together ──────────────────────────────────────────────────────────────────────────────────────────


def bought_together(lines, min_orders, max_products):
    baskets = {}
    for line in lines or []:
        if known(line["o"], line["p"]):
            baskets.setdefault(line["o"], set()).add(line["p"])
    small = [basket for basket in baskets.values() if len(basket) <= max_products]
    products = Counter(product for basket in small for product in basket)
    pairs = Counter(pair for basket in small for pair in combinations(sorted(basket), 2))
    return {
        "orders": len(small),
        "large_orders": len(baskets) - len(small),
        "products": len(products),
        "rare_products": sum(orders < min_orders for orders in products.values()),
        "pairs": [
            {"product_id": one, "other_product_id": other, "orders": orders, "product_orders": products[one],
             "other_orders": products[other]}
            for (one, other), orders in sorted(pairs.items())
            if orders >= min_orders
        ],
    }  # fmt: skip


def next_products(rows, best):
    bought, rules = {}, {}
    for row in rows or []:
        if known(row["c"], row["p"]):
            bought.setdefault(row["c"], set()).add(row["p"])
            rules.setdefault(row["p"], row["r"] or [])
    found = []
    for customer, products in sorted(bought.items()):
        led = [(-rule["score"], rule["product_id"], by) for by in products for rule in rules[by]]
        first = {}
        for score, product, by in sorted(led):
            if product not in products:
                first.setdefault(product, (-score, by))
        for place, (product, (score, by)) in enumerate(list(first.items())[:best], 1):
            found.append({"customer_id": customer, "place": place, "product_id": product, "because_product_id": by, "score": score})
    return found


# ── clusters and propensities ────────────────────────────────────────────────────────────────────────────────────────

# A model and traits come as JSON, because a DuckDB function takes no STRUCT of any shape. A fit is no function here:
# learned.py compares fits.


@lru_cache(maxsize=None)
def parts_of(model):
    """What a model has learnt: (cluster or None, trait) to its numbers."""
    parts = json.loads(model)
    return {(part.get("cluster"), part["trait"]): part for part in parts.get("coefficients") or parts.get("centres") or []}


def standardised(part, traits):
    value = traits[part["trait"]]
    return 0.0 if value is None else (value - part["mean"]) / part["deviation"]


def known_traits(model, traits):
    """The traits by name; nothing if none is known, or no model."""
    traits = json.loads(traits) if known(model, traits) else {}
    return traits if any(value is not None for value in traits.values()) else None


def logistic_probability(model, traits):
    if (traits := known_traits(model, traits)) is None:
        return None
    log_odds = fsum(
        part["coefficient"] * (1 if trait == "(intercept)" else standardised(part, traits))
        for (_, trait), part in parts_of(model).items()
    )
    return 1 / (1 + exp(-log_odds))


def kmeans_distances(model, traits):
    """The distance to each cluster's centre."""
    squares = {}
    for (cluster, _), part in parts_of(model).items():
        value = max(-3.0, min(3.0, standardised(part, traits)))
        squares[cluster] = squares.get(cluster, 0.0) + (value - part["centre"]) ** 2
    return {cluster: sqrt(square) for cluster, square in squares.items()}


def kmeans_nearest(model, traits):
    if (traits := known_traits(model, traits)) is None:
        return None
    return min(((distance, cluster) for cluster, distance in kmeans_distances(model, traits).items()), default=None)


def kmeans_cluster(model, traits):
    nearest = kmeans_nearest(model, traits)
    return nearest and nearest[1]


def kmeans_distance(model, traits):
    nearest = kmeans_nearest(model, traits)
    return nearest and nearest[0]


# ── registration ─────────────────────────────────────────────────────────────────────────────────────────────────────

SCALARS = [
    (normalize_email, ["VARCHAR"], "VARCHAR"),
    (email_domain, ["VARCHAR"], "VARCHAR"),
    (normalize_phone, ["VARCHAR", "VARCHAR"], "VARCHAR"),
    (normalize_name, ["VARCHAR"], "VARCHAR"),
    (fold_name, ["VARCHAR"], "VARCHAR"),
    (normalize_postcode, ["VARCHAR", "VARCHAR"], "VARCHAR"),
    (parse_date, ["VARCHAR", "VARCHAR"], "DATE"),
    (parse_timestamp, ["VARCHAR", "VARCHAR", "VARCHAR"], "TIMESTAMP"),
    (from_epoch, ["VARCHAR", "BIGINT"], "TIMESTAMP"),
    (parse_decimal, ["VARCHAR", "VARCHAR"], "DECIMAL(28,6)"),
    (parse_boolean, ["VARCHAR"], "BOOLEAN"),
    (text_tone, ["VARCHAR"], "DOUBLE"),
    (text_topic, ["VARCHAR"], "VARCHAR"),
]

MODELS = [
    (mbg_nbd_p_alive, 7),
    (mbg_nbd_p_order, 8),
    (mbg_nbd_expected_orders, 8),
    (mbg_nbd_clv, 11),
    (gamma_gamma_expected_spend, 5),
]

LISTS = [
    (
        bought_together,
        ["STRUCT(o VARCHAR, p VARCHAR)[]", "BIGINT", "BIGINT"],
        """STRUCT(orders BIGINT, large_orders BIGINT, products BIGINT, rare_products BIGINT, pairs STRUCT(product_id VARCHAR,
           other_product_id VARCHAR, orders BIGINT, product_orders BIGINT, other_orders BIGINT)[])""",
    ),
    (
        next_products,
        ["STRUCT(c VARCHAR, p VARCHAR, r STRUCT(product_id VARCHAR, score DOUBLE)[])[]", "BIGINT"],
        """STRUCT(customer_id VARCHAR, place BIGINT, product_id VARCHAR, because_product_id VARCHAR, score DOUBLE)[]""",
    ),
]

LEARNT = [(kmeans_cluster, "BIGINT"), (kmeans_distance, "DOUBLE"), (logistic_probability, "DOUBLE")]

FORMATS = f"concat_ws(chr({ord(SEPARATOR)}), f1, f2, f3)"

MACROS = f"""
CREATE MACRO normalize_email(t) AS py_normalize_email(CAST(t AS VARCHAR));
CREATE MACRO email_domain(t) AS py_email_domain(CAST(t AS VARCHAR));
CREATE MACRO normalize_phone(t, country) AS py_normalize_phone(CAST(t AS VARCHAR), CAST(country AS VARCHAR));
CREATE MACRO normalize_name(t) AS py_normalize_name(CAST(t AS VARCHAR));
CREATE MACRO fold_name(t) AS py_fold_name(CAST(t AS VARCHAR));
CREATE MACRO normalize_postcode(t, country) AS py_normalize_postcode(CAST(t AS VARCHAR), CAST(country AS VARCHAR));
CREATE MACRO parse_date(t, f1, f2 := NULL, f3 := NULL) AS py_parse_date(CAST(t AS VARCHAR), {FORMATS});
CREATE MACRO parse_timestamp(t, zone) AS py_parse_timestamp(CAST(t AS VARCHAR), zone, ''),
    (t, zone, f1) AS py_parse_timestamp(CAST(t AS VARCHAR), zone, f1),
    (t, zone, f1, f2) AS py_parse_timestamp(CAST(t AS VARCHAR), zone, concat_ws(chr({ord(SEPARATOR)}), f1, f2));
CREATE MACRO from_epoch_millis(t) AS py_from_epoch(CAST(t AS VARCHAR), 1000);
CREATE MACRO from_epoch_seconds(t) AS py_from_epoch(CAST(t AS VARCHAR), 1000000);
CREATE MACRO parse_decimal(t, mark) AS py_parse_decimal(CAST(t AS VARCHAR), mark);
CREATE MACRO parse_boolean(t) AS py_parse_boolean(CAST(t AS VARCHAR));
CREATE MACRO text_tone(t) AS py_text_tone(CAST(t AS VARCHAR));
CREATE MACRO text_topic(t) AS py_text_topic(CAST(t AS VARCHAR));
CREATE MACRO mbg_nbd_p_alive(m, x, t_x, t) AS py_mbg_nbd_p_alive(m.r, m.alpha, m.a, m.b, x, t_x, t);
CREATE MACRO mbg_nbd_p_order(m, x, t_x, t, h) AS py_mbg_nbd_p_order(m.r, m.alpha, m.a, m.b, x, t_x, t, h);
CREATE MACRO mbg_nbd_expected_orders(m, x, t_x, t, h) AS
    py_mbg_nbd_expected_orders(m.r, m.alpha, m.a, m.b, x, t_x, t, h);
CREATE MACRO mbg_nbd_clv(m, x, t_x, t, spend, h, rate, year) AS
    py_mbg_nbd_clv(m.r, m.alpha, m.a, m.b, x, t_x, t, spend, h, rate, year);
CREATE MACRO bought_together(o_, p_, m, x) AS py_bought_together(
    list({{'o': CAST(o_ AS VARCHAR), 'p': CAST(p_ AS VARCHAR)}}), CAST(max(m) AS BIGINT), CAST(max(x) AS BIGINT));
CREATE MACRO next_products(c_, p_, r_, n) AS
    py_next_products(list({{'c': c_, 'p': p_, 'r': r_}}), CAST(max(n) AS BIGINT));
CREATE MACRO gamma_gamma_expected_spend(m, x, mean) AS py_gamma_gamma_expected_spend(m.p, m.q, m.v, x, mean);
CREATE MACRO kmeans_cluster(m, t) AS py_kmeans_cluster(CAST(to_json(m) AS VARCHAR), CAST(to_json(t) AS VARCHAR));
CREATE MACRO kmeans_distance(m, t) AS py_kmeans_distance(CAST(to_json(m) AS VARCHAR), CAST(to_json(t) AS VARCHAR));
CREATE MACRO logistic_probability(m, t) AS
    py_logistic_probability(CAST(to_json(m) AS VARCHAR), CAST(to_json(t) AS VARCHAR));
"""

# Also for DuckDB as it is timed in benches/compare.py.
PLAIN_MACROS = """
CREATE MACRO days_between(d1, d2) AS
    CAST((epoch_us(CAST(d2 AS TIMESTAMP)) - epoch_us(CAST(d1 AS TIMESTAMP))
          - (((epoch_us(CAST(d2 AS TIMESTAMP)) - epoch_us(CAST(d1 AS TIMESTAMP))) % 86400000000) + 86400000000)
            % 86400000000) // 86400000000 AS BIGINT);

-- The greatest value of the latest moment; no moment is before all others.
CREATE MACRO latest(v, t) AS
    arg_max(v, {'has_time': t IS NOT NULL, 'time': t, 'value': v}) FILTER (WHERE v IS NOT NULL);

-- Best first: trust, then time (none is last), then the smallest record.
CREATE MACRO survivor_of(claims) AS CASE WHEN len(claims) > 0 THEN {
    'value': claims[1].v,
    'record_id': claims[1].record_id,
    'trust': claims[1].trust,
    'at': claims[1].t,
    'records': len(claims),
    'agreeing': len([c FOR c IN claims IF c.v = claims[1].v]),
    'rivals': len(list_distinct([c.v FOR c IN claims IF c.v <> claims[1].v])),
    'reason': CASE
        WHEN len(claims) = 1 THEN 'only'
        WHEN len([c FOR c IN claims IF c.v <> claims[1].v]) = 0 THEN 'agreed'
        WHEN [c FOR c IN claims IF c.v <> claims[1].v][1].trust < claims[1].trust THEN 'trust'
        WHEN [c FOR c IN claims IF c.v <> claims[1].v][1].t IS NULL AND claims[1].t IS NOT NULL THEN 'recency'
        WHEN [c FOR c IN claims IF c.v <> claims[1].v][1].t < claims[1].t THEN 'recency'
        ELSE 'tie' END
} END;
CREATE MACRO survivor(value_, trust_, at_, record_id_) AS survivor_of(
    list({'v': value_, 'trust': CAST(trust_ AS DOUBLE), 't': CAST(at_ AS TIMESTAMP), 'record_id': record_id_}
         ORDER BY CAST(trust_ AS DOUBLE) DESC, CAST(at_ AS TIMESTAMP) DESC NULLS LAST, record_id_, value_)
    FILTER (WHERE value_ IS NOT NULL AND trust_ IS NOT NULL));
"""


def of_first(function):
    """NULL for a NULL text; each distinct call computed once."""
    cached = lru_cache(maxsize=None)(function)
    return lambda first, *rest: None if first is None else cached(first, *rest)


def wrap(function, arity):
    call = of_first(function)
    return {1: lambda a: call(a), 2: lambda a, b: call(a, b), 3: lambda a, b, c: call(a, b, c)}[arity]


def register(connection):
    """Makes the functions known to a DuckDB connection."""
    for function, parameters, returns in SCALARS:
        connection.create_function(
            f"py_{function.__name__}", wrap(function, len(parameters)), parameters, returns, null_handling="special"
        )
    for function, arity in MODELS:
        connection.create_function(
            f"py_{function.__name__}", function, ["DOUBLE"] * arity, "DOUBLE", null_handling="special"
        )
    for function, parameters, returns in LISTS:
        connection.create_function(f"py_{function.__name__}", function, parameters, returns, null_handling="special")
    for function, returns in LEARNT:
        connection.create_function(
            f"py_{function.__name__}", function, ["VARCHAR", "VARCHAR"], returns, null_handling="special"
        )
    connection.execute(MACROS)
    connection.execute(PLAIN_MACROS)
