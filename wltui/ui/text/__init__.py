"""Text as people read it: spans, formats, glyphs, search. It imports no Textual."""
