"""The terminal driver: output to the terminal and input from it. It knows nothing of Wallaroo."""
