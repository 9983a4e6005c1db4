"""How sure: scores, online calibration of quantiles, joint scenarios."""
