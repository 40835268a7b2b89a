"""Tables of counts from which any selection of units is scored fast."""
