"""How fast this machine can do what it is asked to, measured and not guessed. What is compared takes turns
within one run, since other work on a machine comes and goes."""
