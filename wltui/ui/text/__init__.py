"""Text for people: spans, formats, glyphs, search. It does not import Textual."""
