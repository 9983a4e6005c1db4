"""Demand of feeders: kinds of day, class priors, profiles, masks of what was not served."""
