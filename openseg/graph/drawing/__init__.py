"""Drawing a graph: where its boxes and edges lie, and the SVG of them."""
