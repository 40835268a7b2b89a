"""What data sets of one kind share: class lists, and how annotations become samples."""
