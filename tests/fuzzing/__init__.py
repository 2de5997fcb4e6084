"""Wrong input, made by chance from a seed, for what reads from outside. Each target does one round and raises
if anything but a clear error comes of it. `tests/bench/fuzz.py` runs them for as long as is asked."""
