"""The queue of messages to a browser, when a fragment runs before a page's run has been delivered."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from gen_lab.ui.controls import hand  # noqa: F401 - mends the queue


def delta(fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, 0])
    message.delta.new_element.text.body = "control"
    message.delta.fragment_id = fragment
    return message


def finished(status) -> ForwardMsg:
    return ForwardMsg(script_finished=status)


def kinds(queue) -> list[str]:
    return [message.WhichOneof("type") for message in queue.flush()]


@pytest.fixture
def queue():
    return ForwardMsgQueue()


def test_a_page_s_run_is_delivered_whole_although_a_fragment_runs(queue):
    queue.enqueue(delta("a"))
    queue.enqueue(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["a"])
    queue.enqueue(delta("a"))
    assert kinds(queue) == ["delta", "script_finished", "delta"]


def test_a_fragment_s_own_unfinished_run_gives_way(queue):
    queue.enqueue(delta("a"))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["a"])
    assert kinds(queue) == []


def test_another_run_of_the_page_takes_the_place_of_what_waits(queue):
    queue.enqueue(delta("a"))
    queue.enqueue(finished(ForwardMsg.FINISHED_SUCCESSFULLY))
    queue.clear(retain_lifecycle_msgs=True)
    assert kinds(queue) == ["script_finished"]
