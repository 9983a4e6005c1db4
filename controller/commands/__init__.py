"""One module per command of `tawan`; each imports only what it needs, when it is called."""
