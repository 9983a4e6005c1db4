"""What is remembered: samples, decisions and the proof that nobody rewrote them."""
