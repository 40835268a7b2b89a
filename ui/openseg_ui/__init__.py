"""The viewer: `openseg ui`, a Streamlit app over the library's public interface."""
