"""One file here is one command of the command line: run(options) -> exit status."""
