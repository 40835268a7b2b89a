"""Our own sentence parser: words to features, a biaffine network, the adapter."""
