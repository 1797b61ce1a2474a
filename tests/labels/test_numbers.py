"""Numbers of contents: UUIDv7 as RFC 9562 has it, and what is left of a template."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels import numbers
from countermark.labels.defects import LabelError


def clock(*times: int) -> Callable[[], int]:
    left = list(times)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_the_example_of_rfc_9562() -> None:
    """Appendix A.6: the time, and random bits that stand for counter and rest."""
    noise = (0x4C3 << 62 | 0x18C4DC0C0C07398F).to_bytes(10)
    source = numbers.Uuid7(clock(0x017F22E279B0), lambda _: noise)
    assert source() == "017f22e2-79b0-74c3-98c4-dc0c0c07398f"


def test_the_standard_library_reads_it() -> None:
    text = numbers.number()
    value = uuid.UUID(text)
    assert (str(value), value.variant, value.version) == (text, uuid.RFC_4122, 7)
    assert numbers.placeholder(text) is None


@pytest.mark.parametrize("times", [[1000], [1000, 999, 5, 1000, 1001], list(range(50))])
def test_each_is_greater_than_the_one_before(times: list[int]) -> None:
    source = numbers.Uuid7(clock(*times))
    made = [source() for _ in range(9000)]  # more than the counter holds
    assert made == sorted(set(made))


def test_threads_share_one_order() -> None:
    made: list[str] = []

    def run() -> None:
        made.extend(numbers.uuid7() for _ in range(500))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_neither_hangs_on_the_lock_nor_repeats_its_parent() -> None:
    read, write = os.pipe()
    with numbers.uuid7._lock:
        child = os.fork()
        if not child:
            os.write(write, numbers.uuid7().encode())
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    made = os.read(read, 100).decode()
    os.close(read)
    os.close(write)
    assert uuid.UUID(made).version == 7
    assert made != numbers.uuid7()


@pytest.mark.parametrize("made", ["20260301-000017", "KLingMuse_1", "产品 1", 'ExportRequest(files=["a"])'])
def test_a_caller_has_its_own_numbers(made: str) -> None:
    assert numbers.number(lambda: made) == made


@pytest.mark.parametrize("made", ["", None, 7, b"x", "a\nb", "x" * 1025])
def test_a_generator_that_gives_no_number(made: object) -> None:
    with pytest.raises(LabelError, match="1 to 1,024 printable characters"):
        numbers.number(lambda: made)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("", False),
        ("tos-cn-i-tb4s082cfz/0123456789abcdef", False),
        ("u:100834564696/task:e5118399", False),
        ("编号", False),
        ("nullify-7", False),
        ("000000", True),
        ("00000000-0000-0000-0000-000000000000", True),
        ("%!s(MISSING)", True),
        ("null", True),
    ],
)
def test_a_placeholder_is_no_number(text: str, is_one: bool) -> None:
    found = numbers.placeholder(text)
    assert (found is not None) == is_one
    assert found is None or (found.code, found.severity.value) == ("number-placeholder", "warning")


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert (numbers.placeholder(text) is None) or text
