"""Value types of what the views of a scene show, and of what is found in them."""
