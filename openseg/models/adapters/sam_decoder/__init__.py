"""SAM's mask decoder with fewer operations for many prompts, its image encoder in less memory."""
