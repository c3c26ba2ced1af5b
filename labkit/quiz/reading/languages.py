"""Is a text English? Told by the small words that only one language has."""

from __future__ import annotations

import re
import unicodedata

from labkit.quiz.reading.english import AUXILIARIES, FILLERS, NEGATORS, words

# Words no English answer contains: German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish.
FOREIGN = words("""
    und ist nicht eine einen einer mit für wird werden durch von zu auf wenn oder maximal minuten sekunden stunde rolle
    kaltstart umgebung aufrufer wartet nein kann neue wie beim dem gibt antwort ohne warten gleichzeitig
    les une est pas dans pour avec qui que du au aux cette ou ne être sont réponse attend attendre non oui peut peuvent
    quinze secondes heure démarrage froid environnement rôle il elle vers dure pendant fonction
    los las una por para del como pero más puede máximo minutos segundos arranque frío entorno sí respuesta espera
    cuando función llamador nuevo nueva hay tiempo
    gli di che è sono della dello nel quando minuti secondi quindici avvio freddo ruolo funzione attende chiamante può
    um uma é não função tempo nova novo papel pode execução
    het een niet met voor wordt van minuten seconden uur omgeving wacht nieuwe functie geen
    jest nie na że się sekund maksymalnie rola funkcja nowe środowisko czeka może
    är inte och ett för minuter sekunder väntar ny miljö
""") - words("que no on rolle")
# Words that occur in English too, but support the impression.
FOREIGN_OR_NOT = words("en man plus se al de os el la le sur lo des den op con per kan ja es rol das der die ein rolle")
ENGLISH = (
    FILLERS
    | NEGATORS
    | AUXILIARIES
    | words(
        "and or when because you they each if then than who what after from there but use uses new get gets run runs"
    )
)
LETTERS_OF_ANOTHER_SCRIPT = 0.2


def is_another_language(text: str) -> bool:
    """Whether the letters are not Latin, or the words that give a language away are mostly not English."""
    letters = [char for char in text if char.isalpha()]
    strange = sum(not unicodedata.name(char, "").startswith("LATIN") for char in letters)
    if strange > LETTERS_OF_ANOTHER_SCRIPT * len(letters):
        return True
    found = re.findall(r"[^\W\d_]+", text.lower())
    foreign = sum(word in FOREIGN for word in found)
    perhaps = sum(word in FOREIGN_OR_NOT for word in found)
    english = sum(word in ENGLISH for word in found)
    return foreign > 0 and foreign + perhaps > english
