"""Subtitles for lectures."""
