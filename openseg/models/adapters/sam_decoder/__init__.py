"""SAM's mask decoder, computed with fewer operations for many prompts on one image."""
