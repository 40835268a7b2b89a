"""How sure a number is: intervals and tests over a metric's units."""
