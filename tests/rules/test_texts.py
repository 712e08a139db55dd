"""Equal texts are equal bytes, wherever they are read back from."""

from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules.texts import normalise, text_hash
