"""A file a page of the viewer, or a part of one.

Not called `pages`: Streamlit takes every file of a folder of that name for a page.
"""
