"""Scenes in: folders of posed colour and depth pictures, one module a layout, and clouds.

`layout.read_scene` recognises the layout. A frame that cannot be used is named and left out; the
others are read as if it had never been there.
"""
