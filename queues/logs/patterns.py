"""Finds what may be personal in a text. Two strengths: for texts we wrote, and for texts that anybody wrote."""

import re

#: What PostgreSQL, JSON or a terminal cannot take: NUL and lone surrogates.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

#: Looks like a telephone number but is none: kept as it is.
_KEEP = (
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # UUID
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"  # ISO date and time
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b"  # IPv4 address, port
)
_EMAIL = r"[^\s@\"'<>(),;:=\[\]]{1,64}@[^\s@\"'<>(),;:=\[\]]{1,255}"
#: 7 to 15 digits with the usual separators; a shorter or longer run of digits is some other number.
_PHONE = r"(?<![\w.])(?:\+|00)?\(?\d(?:[ \-./()\u00a0\u2011\u202f]{0,2}\d){6,14}(?![\w])"

_CONTACTS = re.compile(f"(?P<keep>{_KEEP})|(?P<email>{_EMAIL})|(?P<phone>{_PHONE})")

#: A quotation without its end goes to the end of the text: it was cut there.
_QUOTED = r"'(?:[^'\\]|\\.)*+(?:'|\\?$)|\"(?:[^\"\\]|\\.)*+(?:\"|\\?$)|«[^»]*»?|“[^”]*”?|`[^`]*`?"
#: A capital, a letter that is not ASCII, or an apostrophe within: how names look. Underscores and digits are for code.
_WORD = r"[^\W\d_](?:[\w'\u2019.\-]*\w)?"

_FOREIGN = re.compile(
    f"(?P<keep>{_KEEP})|(?P<email>{_EMAIL})|(?P<quoted>{_QUOTED})"
    rf"|(?P<value>(?<=[=])[^\s,;()\[\]{{}}'\"]+)|(?P<phone>{_PHONE})|(?P<word>{_WORD})",
    re.DOTALL,
)

#: Words with a capital that errors are made of, in lower case; any other is taken for a name.
_USUAL = frozenset(
    """
    a aborted access actor address after all an and api appointment appointments argument arguments attempt
    attempts bad base before body bool boom broken bytes cannot channel channels class client clinic closed code
    column command connection consent constraint contact could data database date datetime deadlock decimal
    decode delete deliveries delivery detected dict did dns does duplicate email ended eof errno error errors
    exceeded exception expected expecting extra failed false file float for from full gateway get got had has
    have host http https id if import in index insufficient int integer internal interrupted invalid io is it
    its job jobs json key kind lease limit limited limits line list lock lost mail many max maximum memory
    message messages min missing name network no none nonetype not null object of ok on only open opened
    operation option out patch patient patients payload permanent permission pipe please poison port post
    process property provider proxy push put queue rate read recipient refused reminder reminders request
    requests required reset response result retry row rows sender server service session set simulated sms smtp
    some sql ssl started state status stopped str string table temporarily temporary the there this thread time
    timed timeout tls to token too transaction transient true try tuple type unable unauthorized unavailable
    unexpected unhandled unique unknown unprocessable unreachable unsupported url user utc uuid value violates
    violation was whatsapp when while worker workplace write wrong you
    """.split()  # noqa: SIM905  one line of 150 quoted words reads worse
)
_CODE = re.compile(r"[A-Za-z]*(?:Error|Exception|Exceeded|Warning|Type|Interrupt|Timeout)|[a-z0-9.\-]+")


def clean(text: str) -> str:
    """``text`` with what cannot be stored replaced by U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)


def redact_contacts(text: str) -> str:
    """``text`` without e-mail addresses and telephone numbers; ids, dates and network addresses stay."""
    return _CONTACTS.sub(_contact, text)


def redact_foreign(text: str) -> str:
    """``text`` without anything that may name somebody.

    Contacts, quoted texts, values after ``=`` and words that look like names are replaced by ``[…]``: an exception's
    text is written by whoever raised it, and often quotes what it was given.
    """
    return _FOREIGN.sub(_anything, text)


def _contact(match: re.Match[str]) -> str:
    if match.lastgroup == "email":
        return "[email]"
    if match.lastgroup == "phone":
        return "[phone]"
    return match.group()


def _anything(match: re.Match[str]) -> str:
    text = match.group()
    if match.lastgroup == "word":
        usual = text.lower() in _USUAL if text.isascii() else False
        return text if usual or (text.isascii() and _CODE.fullmatch(text)) else "[…]"
    if match.lastgroup == "quoted" and text[1:-1].lower() in _USUAL:
        return text
    if match.lastgroup in ("quoted", "value"):
        return "[…]"
    return _contact(match)
