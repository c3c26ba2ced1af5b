"""Turns of phrase that change what a sentence claims, brought to the plain form that clauses are read from."""

from __future__ import annotations

import re

from labkit.quiz.reading.english import words

QUESTION = re.compile(
    r"(?:^|(?<=[.;!?]))\s*(?:what|which|why|how|where|when|who|does|do|can|could|should|is|are|difference)\b"
    r"[^.;!?]*\?(?!\s*then\b)(?=.*\w)"
)
# "It is a user, no wait, a role": what stands before is taken back, the sentence before when the marker opens one.
TAKEN_BACK = re.compile(
    r"(?:^|(?<=[.;!?]))[^.;!?]*\W*\b(?:(?:oh|or|but|and|hmm|well|ah|sorry)\W+)*"
    r"(?:(?:actually|or rather|rather)\W+no\b(?:\W+wait\b)?|no\W+(?:wait|sorry|actually)\b|wait\W+no\b|scratch that\b"
    r"|correction\b(?= ?:)|i meant?\b(?! to)|i take (?:that|it) back\b|on second thoughts?\b)\W*"
)
AT_MOST = re.compile(
    r"\b(?:not|never|neither|nothing|none"
    r"|no(?= (?:lambda |single |aws |one )*(?:functions?|invocations?|executions?|code|more|longer|greater)\b))"
    r" ((?:(?!not|no|never)\w+ ){0,6}?)"
    r"(?:more than|longer than|exceed(?:ing)?|beyond|over|past|above|greater than"
    r"|higher than|larger than|bigger than|go over|further than|later than)\b"
)
# "On which side, I don't remember": what the writer does not know stands before it.
NOT_KNOWN = re.compile(
    r"([,.;:!?]|^)(?: ?\w+){0,4}"
    r" (?=i (?:forgot|forget|do not (?:know|remember|recall)|am not (?:sure|certain)|(?:can|could) not say|dunno)\b)"
)
PLAIN_FORMS = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\b(?:not|no) (?:only|just|merely|simply|doubt|problem|worries)\b|\bno matter\b", ""),
        (r"\b(?:increased|raised|extended|changed|went|bumped|moved) from \S+(?: [a-z]+)? to\b", "is"),
        (r"\b(?:instead|in place|in lieu) of\b|\brather than\b|\bas opposed to\b|\bunlike\b", ", instead_of"),
        (r"\b(?:is )?(?:just )?(?:the (?:opposite|reverse|other way a?round)|vice versa)\b", "does not"),
        (r"\b(?:it is |is )?(?:false|wrong|untrue|incorrect|a myth)(?: to (?:say|think))? that\b", "not"),
        # "Without the role you see nothing": the role is needed.
        (
            r"\bwithout ((?:(?!not|no)[^\s.,;:!?]+ ){1,5}?),?"
            r"(?= ?(?:you|it|there|they|i|we|one|nothing|nobody|none|no)\b)"
            r"[^.,;:!?]*\b(?:nothing|nobody|none|not|no|never|fails?|denied|refused|empty|blind)\b",
            r"needed is \1 ; ",
        ),
        (r"\bno longer\b|\bno need (?:for|to)\b", "not"),
        (r"\b(?:lacks?|lacking|lack of|unable to|fails? to|refuses? to|neither|incapable of)\b", "not"),
        (r"\b(?:avoid|eliminat|remov)(?:e|es|s|ing) the need (?:for|to)\b|\bsaves? (?:you |it )?from\b", "not"),
        (r"\?\s*then\b", " → "),
        (r"\b(?=i (?:forgot|forget|am not|do not|can not|could not|dunno|have no) )", ", "),
        (r"\bnon\b", "non_"),
        (r"\b(requestresponse\b.*?(?:[.;:→] ?|with |type\W+))event\b(?! source)", r"\1asynchronous"),
    )
]
AGREES = words("yes yeah yep yup sure certainly definitely absolutely of probably most")
INTERJECTION = re.compile(
    r"""
    ^\W*(?:(?:so|well|i\ think|i\ guess|i\ would\ say|short\ answer|answer|the\ answer\ is|sadly|unfortunately)\ )*
    (   (?:certainly|definitely|absolutely|of\ course|sure|probably|most\ likely)\ not
      | no\ (?:chance|way) | not\ (?:really|directly|as\ is|at\ all)
      | not\ (?:on\ its\ own|by\ itself|with\ \w+\ alone|in\ (?:a\ single|one|just\ one|1)\ \w+)
      | negative | no | nope | nah
      | yes | yeah | yep | yup | sure | certainly | definitely | absolutely | of\ course )\b
    (?= \W*$ | \W*[,.;:!→(\[]
      | \W*(?: it|lambda|you|we|i|the|because|since|as|max\w*|not|this|that|only|use|there|aws|with|if|unless|but|can
             | just|in|for|at|would|will|must|should|due|sir|way|by|using|via|need|go|choose|so|and|limit )\b )
    """,
    re.VERBOSE,
)
UNCLAIMED = re.compile(
    r"""
    \b(?: (?:some|many|most|a\ lot\ of)(?:\ of)?
          \ (?:people|folks|sources|sites|websites|blogs|tutorials|colleagues|others|guides)
          \ (?:\w+\ )?(?:say|think|claim|believe|assume|write|state|list|mention)\b
      | (?:people|they|others|someone|everyone|folks)\ (?:(?:often|sometimes|may|might|usually|will)\ )?
          (?:say|says|think|thinks|thought|claim|believe|assume|told)\b
      | commonly\ (?:thought|believed|confused)\b | used\ to\ be\b | previously\b | formerly\b | in\ the\ past\b
      | (?:years|long\ time)\ ago\b
      | (?:was|were|had)\b.*\bbefore\ ?$ | before\ (?:that|then)\b | (?<!\bit\ )was\ \[ | back\ in\ \[ | contrary\ to\b
      | a\ (?:common\ )?(?:myth|misconception|mistake)\b
      | (?:old|former|previous|original|earlier)\ (?:limit|maximum|max|value|cap)\b
      | (?:not|no|never)\ (?:\w+\ )?(?:know|remember|recall|idea|certain|sure|say|clear\ to\ me)\b
      | forgot\b | dunno\b | unsure\b | unclear\ to\ me\b )
    """,
    re.VERBOSE,
)

GAP = re.compile(
    r"\b(?:not|no|never|nor) (?:\w+ )?(?:know|remember|recall|idea|explain|certain|sure|read|learn\w*|clear to me)\b"
    r"|\b(?:forgot|forget|forgotten|dunno|unsure|unclear to me|(?:can|could) not say)\b"
)


def admits_a_gap(text: str) -> bool:
    """Whether the writer says of something that he does not know it."""
    return bool(GAP.search(text))


def in_plain_form(text: str) -> str:
    """A normalised text without questions and what is taken back, "can't exceed" as "at most", an opening no `<no>`."""
    text = AT_MOST.sub(r"\1 at most ", QUESTION.sub(" . ", TAKEN_BACK.sub(" ", text)))
    text = NOT_KNOWN.sub(r"\1 , ", text) if admits_a_gap(text) else text
    text = INTERJECTION.sub(_yes_or_no, text)
    for pattern, plain in PLAIN_FORMS:
        text = pattern.sub(plain, text)
    return text


def is_claimed(clause: str) -> bool:
    """Whether a clause is what the writer holds now: not what others think, what was, or what is forgotten."""
    return not UNCLAIMED.search(clause)


def _yes_or_no(found: re.Match[str]) -> str:
    agrees = found[1].split()[0] in AGREES and not found[1].endswith(" not")
    return f" {'<yes>' if agrees else '<no>'} , "
