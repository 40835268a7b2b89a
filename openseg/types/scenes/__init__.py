"""Value types of scenes: posed frames, clouds, what the views show and what is found in them."""
