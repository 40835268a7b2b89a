"""The recipe of `mini-dino`, an image encoder that learns without labels, as DINOv2 is built."""
