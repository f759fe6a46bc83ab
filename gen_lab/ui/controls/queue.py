"""Mends Streamlit's queue of messages to a browser, for controls that are let go and taken up again at once.

When a fragment runs, Streamlit (1.67) drops what an earlier run has drawn in it and the browser has not received yet,
for the fragment draws it again. But the earlier run's end stays in the queue, and there the browser removes all that
this run did not draw: the control would go, and come back as a new one that knows nothing of a stroke in progress. So a
page's run that has ended is delivered whole.
"""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_clear = ForwardMsgQueue.clear


def _holds_a_whole_run(queue: ForwardMsgQueue) -> bool:
    return any(
        message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        for message in queue._queue
    )


def clear(queue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
    """As `ForwardMsgQueue.clear`, but nothing is dropped for a fragment where a page's whole run waits."""
    if fragment_ids_this_run and _holds_a_whole_run(queue):
        queue._delta_index_map = {}  # what comes now is appended, not put in the place of what is there
    else:
        _clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)


def mend() -> None:
    ForwardMsgQueue.clear = clear  # pyright: ignore[reportAttributeAccessIssue] - it calls its own instance `self`
