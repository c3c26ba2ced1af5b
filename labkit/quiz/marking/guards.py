"""Answers that are not marked on their content: empty, steering the grader, in another language, only the question again."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import fuzz

from labkit.quiz.mark import Mark, for_review, scored
from labkit.quiz.question import Question
from labkit.quiz.reading.english import AUXILIARIES, FILLERS, NEGATORS
from labkit.quiz.reading.words import normalise, stem

STEERING = re.compile(
    r"\b(?:give|award|grant|assign|get|deserves?|gets?|receive) (?:\w+ ){0,4}(?:full|maximum|max|all|top|perfect|100|10|highest|every)"
    r" ?(?:the )?(?:marks?|points?|score|credits?|grade)"
    r"|\b(?:full|maximum|perfect|100%) (?:marks?|points?|credit|score) (?:please|now|for (?:me|this|the))"
    r"|\b(?:mark|grade|score|rate|accept|evaluate|classify|treat|count|consider) (?:this|it|me|my \w+|the \w+|that|everything)(?: \w+){0,2} as"
    r" (?:\w+ ){0,2}(?:right|correct|full|true|pass(?:ed)?|1|100|perfect|valid)"
    r"|\b(?:ignore|disregard|forget|override|bypass|skip) (?:\w+ ){0,4}(?:instructions?|rubric|prompts?|rules|criteria|mark(?:ing)? scheme|"
    r"guidelines|system)"
    r"|\bas an? (?:ai|language model|grader|examiner|automated)\b|\byou are (?:now )?(?:a|an|the) (?:\w+ )?(?:grader|examiner|assistant|ai|"
    r"language model|teacher)|\bsystem (?:prompt|message|override|instruction)|(?:^|[;.]\s*)(?:system|assistant|grader|instruction)s?\s*:"
    r"|\b(?:score|verdict|grade|mark|result)\s*(?::|=| is | := )\s*(?:1(?:\.0+)?|100%?|10|full|right|correct|pass|max\w*|a\+)(?!\w)"
    r"|\bthis (?:answer|response|submission) (?:is|should be|must be|deserves|has been|was) (?:\w+ )?(?:correct|right|perfect|accepted|marked|"
    r"graded|full|verified|approved|complete)|\bplease (?:pass|accept|mark|grade|give|award|score)\b|\bdear (?:grader|teacher|examiner|ai)\b"
    r"|</?(?:system|answer|rubric|score|grade|instructions?)>|\"?(?:score|verdict)\"?\s*:\s*\"?(?:1|right)"
)
FOREIGN = {
    word
    for words in (
        "der die das und ist nicht eine einen einer mit für wird werden durch von zu auf wenn oder maximal minuten sekunden stunde rolle "
        "kaltstart umgebung aufrufer wartet nein ja kann man neue wie beim dem den des gibt es antwort ohne warten gleichzeitig ein",
        "le la les des une est pas dans pour avec sur qui que du au aux cette ou ne plus être sont réponse attend attendre l'appelant "
        "non oui peut peuvent quinze secondes heure démarrage froid environnement rôle il elle vers dure pendant fonction",
        "el los las una es por para con que del se como pero más puede máximo minutos segundos quince arranque frío entorno rol sí "
        "respuesta espera cuando función lo al llamador nuevo nueva hay tiempo",
        "il gli di che è una per con non sono della dello nel quando minuti secondi quindici avvio freddo ambiente ruolo funzione attende "
        "il lo chiamante nuovo nuova può",
        "o os um uma é não para com quando função minutos segundos tempo nova novo papel espera pode máximo ambiente execução quinze",
        "het een is niet met voor wordt van op de minuten seconden uur rol omgeving wacht nieuwe functie kan geen maximaal",
        "jest nie i w na do że się minut sekund maksymalnie rola funkcja nowe środowisko czeka może",
        "är inte och en ett för med som minuter sekunder roll väntar ny miljö kan",
    )
    for word in words.split()
} - set("is on me no o a i the do die in as an one en man plus non se al ne de os el la le sur lo des den on roll minut op con per kan ja es rol".split())
FOREIGN_LIGHT = set("en man plus non se al ne de os el la le sur lo des den minut op con per kan ja es rol das der die ein".split())
ENGLISH = FILLERS | NEGATORS | AUXILIARIES | set(
    "and or when because you they each if then than who what after from there so but only use uses new get gets runs run".split()
)


def guard(question: Question, answer: str) -> Mark | None:
    """The mark of an answer that is not read any further; None for one that is."""
    text = normalise(answer)
    if not re.search(r"\w", text):
        return scored(0.0, "There is no answer.")
    if steers_the_grader(answer):
        return scored(0.0, "The answer addresses the marking instead of the question.")
    if in_another_language(answer):
        return for_review("The answer seems to be in another language than English; a person marks it.")
    if repeats_the_question(question, text):
        return scored(0.0, "This repeats the question and answers nothing.")
    return None


def steers_the_grader(answer: str) -> bool:
    """Whether the answer tells its marker what to do."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", answer).lower().replace("’", "'"))
    return bool(STEERING.search(plain))


def in_another_language(answer: str) -> bool:
    """Whether most of the words that give a language away are not English."""
    letters = [char for char in answer if char.isalpha()]
    if sum(not unicodedata.name(char, "").startswith("LATIN") for char in letters) > len(letters) / 5:
        return True
    words = re.findall(r"[^\W\d_]+", answer.lower())
    sure = sum(word in FOREIGN for word in words)
    light = sum(word in FOREIGN_LIGHT for word in words)
    english = sum(word in ENGLISH for word in words)
    return sure > 0 and sure + light > english


def without_the_question(question: Question, text: str) -> str:
    """The normalised answer without sentences that only repeat one of the question's."""
    asked = [_fold(one) for one in re.split(r"[.?!;:]", question.prompt)] + [_fold(question.prompt)]
    kept = [one for one in re.findall(r"[^.?!;]+[.?!;]*", text) if not any(_same(_fold(one), other) for other in asked)]
    return "".join(kept)


def repeats_the_question(question: Question, text: str) -> bool:
    """Whether nothing is left of the answer without the question's words."""
    if not re.search(r"\w", without_the_question(question, text)):
        return True
    if any(word in NEGATORS for word in text.split()):
        return False
    asked = {stem(word) for word in _fold(question.prompt).split()}
    words = {stem(word) for word in _fold(text).split() if word not in FILLERS}
    return len(words) >= 3 and words <= asked


def _same(one: str, other: str) -> bool:
    return bool(one and other) and len(one.split()) > 2 and fuzz.ratio(one, other) > 88


def _fold(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", normalise(text)))
