"""The monthly report: figures from the store (pure), sections in words, one HTML file."""
