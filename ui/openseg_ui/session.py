"""What every page needs: the server's hub, links to other pages, the address of what is shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from openseg_ui.server.hub import Hub
from openseg_ui.server.runs import Run
from openseg_ui.settings import current

OWNED = {"pipeline", "tab", "view"}
"""Parts of addresses that are bound to a widget of that key."""

_PAGES, _MADE = "openseg pages", "openseg runs made"


@st.cache_resource(show_spinner=False)
def hub() -> Hub:
    """The hub of this server, the same for all sessions."""
    return Hub(current())


def remember(pages: Mapping[str, StreamlitPage]) -> None:
    """Keeps the session's pages, so that they can link to one another."""
    st.session_state[_PAGES] = dict(pages)


def link(page: str, label: str, icon: str | None = None, **query: str) -> None:
    """A link to another page, with what it shall show."""
    st.page_link(st.session_state[_PAGES][page], label=label, icon=icon, query_params=query)


def address(**query: str | list[str]) -> None:
    """Makes the page's address say this and nothing else, but for what widgets keep there."""
    for name in set(st.query_params) - set(query) - OWNED:
        del st.query_params[name]
    st.query_params.update(query)


def note(run: Run) -> None:
    """Keeps in mind that this session made a run, so that it can be compared with others."""
    made: list[str] = st.session_state.setdefault(_MADE, [])
    if run.id not in made:
        made.append(run.id)


def made_runs() -> list[Run]:
    """The runs this session made that are still kept, newest first."""
    ids = reversed(st.session_state.get(_MADE, []))
    return [run for one in ids if (run := hub().runs.find(one)) is not None]


def asked_run() -> Run | None:
    """The run that the address names; says so if this server does not have it any more."""
    id_ = st.query_params.get("run")
    if id_ is None:
        return None
    run = hub().runs.find(id_)
    if run is None:
        st.warning(
            "The run in this address is not on this server any more: results are kept until newer "
            "ones need their room. Run it again below.",
            icon=":material/history:",
        )
    return run
