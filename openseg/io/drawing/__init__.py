"""The parts of an overlay: colours, fonts, labels."""
