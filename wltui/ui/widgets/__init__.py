"""Widgets: each a part of a screen that knows neither screens nor the app."""
