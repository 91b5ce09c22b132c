"""What ``wltui`` does besides its screens: one file a command."""
