"""The app: its session, its navigation, its start and its end."""
