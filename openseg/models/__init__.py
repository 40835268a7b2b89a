"""Foundation models behind task protocols: one adapter a family, one catalogue of weights."""
