"""What pages are made of: the picture, drawings, forms, values, faults."""
