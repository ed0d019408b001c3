"""Where jobs leave their stamps: a list in a Redis database of the bench's own."""

STAMPS = "bench:stamps"
