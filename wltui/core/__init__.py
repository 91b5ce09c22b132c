"""Nouns, errors, settings and small tools that every other room may use. It imports none of them."""
