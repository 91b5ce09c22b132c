"""The terminal driver: what is written to the terminal and read from it. It knows nothing of Wallaroo."""
