"""The app: which session it shows, navigation, and its start and end."""
