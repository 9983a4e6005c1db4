"""What the page says, in Thai and English side by side, and how numbers and times are written."""
