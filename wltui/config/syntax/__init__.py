"""What is typed in a field: JSON, TOML, lists of names, 32-bit floats."""
