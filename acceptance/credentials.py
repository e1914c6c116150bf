"""What a credential is: by the name of its field, and by its shape. Masking and detection share these rules."""

import re

_START = r"(?:(?<![A-Za-z0-9+/_-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
"""Not within Base64 or a longer word; `%3D` and `\\n` may stand before."""

SHAPES = re.compile(
    r"(?P<a_password_hash>"
    r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"  # bcrypt
    r"|\$(?:argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d+)?)\$[^\s'\"<>&;]{20,}"
    r"|\$(?:[1567y]|apr1)\$[^\s'\"<>&;]{1,60}\$[./A-Za-z0-9]{22,}"  # crypt
    r"|(?<![\w])(?:pbkdf2_sha\d+|scrypt|argon2)\$[^\s'\"<>&,;]{20,}"  # Django
    r"|(?<![\w])(?:scrypt:\d+:\d+:\d+|pbkdf2:sha\d+:\d+)\$[^\s'\"<>&,;]{20,})"  # Werkzeug
    r"|(?P<a_private_key>-----BEGIN (?:[A-Z]{2,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----)"
    rf"|(?P<an_API_key>{_START}(?:"
    r"(?:sk|rk)_live_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}"  # Stripe
    r"|A(?:KIA|SIA)[0-9A-Z]{16}(?![A-Za-z0-9+/])"  # AWS
    r"|GOCSPX-[\w-]{20,}"  # Google
    r"|gh[opsru]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[a-np-z]-[\w-]{10,}|xapp-\d-[\w-]{10,}"  # Slack
    r"|SG\.[\w-]{22}\.[\w-]{43}|xkeysib-[0-9a-f]{64}"  # SendGrid, Brevo
    r"|sb_secret_[\w-]{20,}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{34}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}"
    r"|sk-(?:proj|ant|svcacct|admin)-[\w-]{20,}|sk-[A-Za-z0-9]{32,}))"  # OpenAI, Anthropic
    rf"|(?P<a_token_of_Google>{_START}"
    r"(?:1//[\w-]{15,}|ya29\.[\w-]{8,}))"
    rf"|(?P<a_JWT>{_START}"
    r"eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]{5,})"
    r"|(?P<a_URL_with_a_password>(?<=://)[^\s/:@'\"<>?#,;]{0,100}:(?P<password>[^\s/@'\"<>?#,;]{1,200})@)"
    r"|(?P<a_connection_string>(?<!&amp);\s?(?i:password|pwd|accountkey|sharedaccesskey)\s?=\s?"
    r"(?P<value>[^\s;'\"<>*{}•]{6,200}))",
    re.ASCII,
)
"""Known credentials. The name of the group that matches says which kind it is, with `_` for spaces."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_HARMLESS_WORD = re.compile(
    "public|publishable|masked|redacted|hint|has|is|no|csrf|xsrf|page|cursor|sync|continuation|pagination|next|previous"
    "|prev|device|push|captcha|recaptcha|site|maps?|mapbox|idempotency|sort|start|forgot|change"
    "|fcm|apns|expo|anon|anonymous|authenticity|antiforgery|form|delta|resume|scroll|skip|search|share|embed|widget"
    "|unsubscribe|posthog|mixpanel|amplitude|wifi|meeting|zoom"
)
_CHOSEN_WORD = re.compile("(?:db|user|admin)?(?:passwords?|passwd|pwd|pass)|passphrase|codes?")
"""The last word of the name of a credential that people may choose, or type."""

_SECRET_WORD = re.compile(
    "(?:db|user|admin)?(?:password|passwd|pwd)(?:hash)?|passphrase|(?:client|api|jwt|app)?secret"
    "|(?:access|refresh|auth|api|bearer|session)?token|apikey|jwt|credential|authorization|privatekey|secretkey"
)
_BEFORE_KEY = re.compile(
    "api|secret|private|access|signing|encryption|master|service|auth|webhook|shared|live|account|jwt|ssh|hmac|crypto"
    "|cipher|fernet|stripe|openai|sendgrid"
)
_BEFORE_PASS = frozenset(["db", "database", "user", "admin", "smtp", "mail", "imap", "ftp", "sip", "redis", "mysql"])
_TAIL = frozenset(["value", "base", "raw", "plain", "plaintext", "encrypted", "hashed"])
"""Words behind the one that decides: `secret_key_base`, `password_hashed`."""

_MASKED = re.compile(r"[*•●…]|\.\.\.|x{4,}|(?i:<[a-z _-]+>|\[[a-z _-]+\]|\{[a-z _-]+\})")
_STATE = re.compile(
    r"configured|set\b|redact|mask|hidden|vault|managed|none|null|provided|required|missing|empty|unknown|example"
    r"|changeme|placeholder|your[-_]|invalid|expired|too[-_]|default|encrypted|protected|removed|filtered",
    re.IGNORECASE,
)
"""Words in values that say something of a credential, and are none."""

_PLACEHOLDER = re.compile("(?:my|your)?[_-]?(?:pass(?:word|wd)?|pwd|secret|token|key|changeme)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_URL_OR_PATH = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}:/)?/|arn:", re.IGNORECASE)
_WORDS = re.compile(r"\$?\{?[A-Za-z]*\d{0,4}(?:[-_.:/][A-Za-z]*\d{0,4})*\}?")
"""Words and short numbers: an error code, a slug, the name of a variable or of a secret in a vault."""

SHORTEST_CREDENTIAL, SHORTEST_ISSUED, LONGEST_NAME = 6, 10, 100


def words_of(name: str) -> list[str]:
    """Return the words of a field's, header's or parameter's name, in lower case: `passwordHash`, `X-Api-Key`."""
    return [word.lower() for word in _WORD.findall(name[:LONGEST_NAME])]


def is_credential_name(name: str) -> bool:
    """Return whether the value of a field, header or parameter called `name` is a credential.

    The last word decides: `client_secret` is one, `client_secret_expires_at` and `token_type` are none.
    """
    *before, last = _deciding_words(name) or [""]
    if not last or any(map(_HARMLESS_WORD.fullmatch, [*before, last])):
        return False
    last = last if _SECRET_WORD.fullmatch(last) or last == "pass" else last.removesuffix("s")
    return bool(
        _SECRET_WORD.fullmatch(last)
        or (last == "key" and before and _BEFORE_KEY.fullmatch(before[-1]))
        or (last == "pass" and before and before[-1] in _BEFORE_PASS)
        or (last in ("hash", "digest", "salt") and not {"password", "passwd", "pwd", "pw", "pass"}.isdisjoint(before))
        or (last == "code" and not {"recovery", "backup"}.isdisjoint(before))
    )


def _deciding_words(name: str) -> list[str]:
    """Return the words of a name up to the one that decides."""
    words = words_of(name)
    while len(words) > 1 and (words[-1] in _TAIL or words[-1].isdigit()):
        words.pop()
    return words


def is_placeholder(text: str) -> bool:
    """Return whether `text` stands in place of a secret: `***`, `<password>`, `secret`."""
    return bool(_MASKED.search(text) or _PLACEHOLDER.fullmatch(text))


def is_credential_value(text: str) -> bool:
    """Return whether `text`, in a field with the name of a credential, is one: not a state, date, link, id or mask."""
    if len(text) < SHORTEST_CREDENTIAL or any(char.isspace() for char in text) or (text.isalpha() and len(text) < 20):
        return False
    if is_placeholder(text) or _UUID.fullmatch(text) or _DATE.fullmatch(text) or _URL_OR_PATH.match(text):
        return False
    if text.startswith(("pk_", "pk.", "AIza", "phc_")):  # publishable keys of Stripe, Mapbox, Google and PostHog
        return False
    return any(char.isdigit() for char in text) or not _STATE.search(text)


def is_credential(name: str, value: str, *, is_error: bool = False) -> bool:
    """Return whether a field called `name` with this `value` certainly holds a credential: it has a digit, at least.

    Those that a server issues are long, and no words. A password may be short, or a word and a number; not in an error
    response, where a code of what is wrong stands under the name of the password.
    """
    if not is_credential_name(name) or not is_credential_value(value):
        return False
    if not value.isascii() or not any(char.isdigit() for char in value):
        return False
    is_chosen = bool(_CHOSEN_WORD.fullmatch(_deciding_words(name)[-1]))
    return is_chosen and not is_error if _WORDS.fullmatch(value) else is_chosen or len(value) >= SHORTEST_ISSUED
