"""What a page shows, with undo and redo, in step with the page's link."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from gen_lab import links
from gen_lab.ui import lesson, navigation
from gen_lab.ui.language import _

LIMIT = 200  # steps that can be undone


def arrives(page: str) -> bool:
    """Whether the reader comes from another page. Every page has to ask, or it would not be one to come from."""
    is_arrival = st.session_state.get("page shown") != page
    st.session_state["page shown"] = page
    return is_arrival


class History:
    """The states of one page in one session, newest last. A state is a frozen dataclass as in `gen_lab.links`."""

    def __init__(self, page: str, kind: type, opening: Mapping | None = None, **defaults):
        """A new session begins with the state of this kind that the link describes; `defaults` fill its gaps. Only
        without a query does it begin with the `opening`: what a link leaves out keeps its meaning."""
        self.page, self.key = page, f"{page} history"
        is_arrival, is_linked = arrives(page), navigation.is_linked(page)
        if self.key not in st.session_state:
            query = st.query_params.to_dict()
            st.session_state[self.key] = ([links.read(kind, query, **defaults, **({} if query else opening or {}))], 0)
        elif is_linked or (is_arrival and st.query_params):  # by the browser's Back
            self._add(links.read(kind, st.query_params.to_dict(), **defaults))
        changes = navigation.changes_for(page)
        if changes:
            state = self.current
            if changes.get("model", state.model) != state.model:
                state = kind(changes["model"])  # another model's start does not fit this one
            self._add(replace(state, **changes))

    @property
    def current(self):
        states, index = st.session_state[self.key]
        return states[index]

    def push(self, **changes) -> None:
        """Adds a new state and forgets what was undone. A state equal to the current one changes nothing."""
        self._add(replace(self.current, **changes))

    def _add(self, state) -> None:
        states, index = st.session_state[self.key]
        if state != states[index]:
            states = [*states[: index + 1], state][-LIMIT:]
            st.session_state[self.key] = (states, len(states) - 1)

    def complete(self, **changes) -> None:
        """Fills in what follows from the current state, without a step of its own."""
        states, index = st.session_state[self.key]
        st.session_state[self.key] = ([*states[:index], replace(states[index], **changes), *states[index + 1 :]], index)

    def step(self, by: int) -> None:
        """Undo (-1) or redo (+1)."""
        states, index = st.session_state[self.key]
        st.session_state[self.key] = (states, min(max(index + by, 0), len(states) - 1))

    def widget(self, field: str, options=None, **also) -> dict:
        """Arguments that tie a widget to one field of the state. It shows the field; the user's choice makes a new
        state, in which `also` changes too; what is callable there is asked with the choice. A value that is not among
        the `options` (a link's) shows as no choice."""
        key = f"{self.page} {field}"
        value = getattr(self.current, field)
        # The history decides what a widget shows, or undo could not change it.
        st.session_state[key] = value if options is None or value in options else None

        def changed() -> None:
            choice = st.session_state[key]
            if choice is not None:
                changes = {name: change(choice) if callable(change) else change for name, change in also.items()}
                self.push(**{field: choice}, **changes)

        return {"key": key, "on_change": changed} | ({} if options is None else {"options": options})

    def write_link(self) -> None:
        """Puts the current state in the address bar."""
        query = links.write(self.current)
        if st.query_params.to_dict() != query:
            st.query_params.from_dict(query)
        lesson.tell(self.page)

    def buttons(self) -> None:
        """Undo and redo."""
        states, index = st.session_state[self.key]
        for name, label, by in (("Undo", _("Undo"), -1), ("Redo", _("Redo"), 1)):
            st.button(
                label, icon=f":material/{name.lower()}:", key=f"{self.key} {name}", on_click=self.step, args=(by,),
                disabled=not 0 <= index + by < len(states),
            )  # fmt: skip

    def link(self) -> None:
        """The link to the current state, to copy."""
        with st.popover(_("Link"), icon=":material/link:"):
            st.markdown(_("Whoever opens this link sees exactly this:"))
            address = (st.context.url or "").partition("?")[0]
            st.code(f"{address}?{urlencode(links.write(self.current))}", language=None, wrap_lines=True)
