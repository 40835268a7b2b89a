"""Open-vocabulary segmentation composed from frozen foundation models."""
