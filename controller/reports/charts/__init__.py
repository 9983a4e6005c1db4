"""The report's charts as SVG of our own, readable in black and white. Pure."""
