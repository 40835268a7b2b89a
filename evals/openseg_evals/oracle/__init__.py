"""What each stage of a method costs: stages replaced by ground truth, one after the other."""
