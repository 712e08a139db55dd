"""When are two spellings the same name of a place?"""

import unicodedata

# Letters that Unicode does not decompose into a base letter and a mark.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe"}
)
_DROPPED = dict.fromkeys(map(ord, ".'’‘`"))
_WORDS = {"st": "saint", "ste": "saint", "the": ""}


def fold(text: str) -> str:
    """The name without case, diacritics, punctuation, articles and surplus spaces: equal for one place."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS).translate(_DROPPED))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    words = "".join(char if char.isalnum() else " " for char in bare.replace("&", " and ")).split()
    if len(words) == 1:  # a code such as ST is not the word saint
        return words[0]
    return " ".join(word for word in (_WORDS.get(word, word) for word in words) if word)
