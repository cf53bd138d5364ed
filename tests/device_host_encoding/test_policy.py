"""The encoder stage's policy: single decisions as a table of short stories, and everything at once by random schedules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from device_host.encoding import GRACE, EncodePolicy, EncodingError, Limits, Order, TooLarge
from device_protocol.delivery import JPEG, PNG
from device_protocol.pages import PageParams
from tests.device_host_encoding.pages_of_all_kinds import ANY_SPEED

PAGE = PageParams(width=10, height=10, stride=10, channels=1)  # 100 bytes
LINEART = replace(PAGE, depth=1, stride=10)
FILE = replace(PAGE, format=JPEG, stride=0)
SMALL = Limits(max_bytes=1000, max_page_bytes=1000, strip=50)


def page(policy: EncodePolicy, number: int, now: float = 0.0, params: PageParams = PAGE, size: int = 100) -> None:
    """A whole page, as the reader of the device tells it."""
    policy.page_begins(number, params)
    assert policy.may_read()
    policy.page_grew(size)
    policy.page_ends(params, now)


# Stories: what happened, then what is to be encoded at which time.

Story = Callable[[EncodePolicy], None]


def _finished(policy: EncodePolicy) -> None:
    page(policy, 1)


def _finished_and_wanted(policy: EncodePolicy) -> None:
    page(policy, 1)
    policy.prefer(JPEG)


def _wanted_before_it_was_finished(policy: EncodePolicy) -> None:
    policy.prefer(JPEG)
    page(policy, 1)


def _wish_withdrawn(policy: EncodePolicy) -> None:
    page(policy, 1)
    policy.prefer(JPEG)
    policy.prefer(None)


def _consumer_waits(policy: EncodePolicy) -> None:
    page(policy, 1)
    policy.consumer_waits()


def _consumer_left(policy: EncodePolicy) -> None:
    page(policy, 1)
    policy.consumer_waits()
    policy.consumer_waits(False)


def _room_needed(policy: EncodePolicy) -> None:
    page(policy, 1)
    page(policy, 2)
    policy.page_begins(3, PAGE)


def _two_held(policy: EncodePolicy) -> None:
    page(policy, 1)
    page(policy, 2)


def _lineart_wanted_as_jpeg(policy: EncodePolicy) -> None:
    page(policy, 1, params=LINEART)
    policy.prefer(JPEG)


def _page_under_way(policy: EncodePolicy) -> None:
    policy.prefer(PNG)
    policy.consumer_waits()
    policy.page_begins(1, PAGE)
    policy.page_grew(100)


def _input_ended(policy: EncodePolicy) -> None:
    page(policy, 1)
    policy.ended()


def _cancelled(policy: EncodePolicy) -> None:
    _two_held(policy)
    policy.prefer(PNG)
    policy.cancelled()


@pytest.mark.parametrize(
    ("story", "at_once", "after_the_grace"),
    [
        (_finished, None, None),
        (_finished_and_wanted, JPEG, JPEG),
        (_wanted_before_it_was_finished, JPEG, JPEG),
        (_wish_withdrawn, None, None),
        (_consumer_waits, None, PNG),
        (_consumer_left, None, None),
        (_two_held, None, None),
        (_room_needed, None, PNG),
        (_lineart_wanted_as_jpeg, PNG, PNG),
        (_page_under_way, None, None),
        (_input_ended, None, None),
        (_cancelled, None, None),
    ],
)
def test_what_is_encoded_when(story: Story, at_once: str | None, after_the_grace: str | None) -> None:
    """A wish is served at once; without one a page stays raw, and becomes a PNG only after the grace and only if it must move (design 3)."""
    for now, expected in ((0.0, at_once), (GRACE / 2, at_once), (GRACE, after_the_grace), (100.0, after_the_grace)):
        policy = EncodePolicy()
        story(policy)
        order = policy.next_order(now)
        assert order == (None if expected is None else Order(1, expected)), f"{now} s"


@pytest.mark.parametrize(
    ("story", "deadline"),
    [(_finished, None), (_consumer_waits, GRACE), (_room_needed, GRACE), (_page_under_way, None), (_cancelled, None)],
)
def test_deadline(story: Story, deadline: float | None) -> None:
    """The host is told when to ask again, and not to ask again when only an event can change the answer."""
    policy = EncodePolicy()
    story(policy)
    assert policy.deadline() == deadline


@pytest.mark.parametrize("fixed", [PNG, JPEG])
def test_a_job_that_asked_for_a_type(fixed: str) -> None:
    """The type of ``Encode(type=...)`` needs no reader and wins over one."""
    policy = EncodePolicy(fixed)
    page(policy, 1)
    policy.prefer(PNG if fixed == JPEG else JPEG)
    assert policy.next_order(0.0) == Order(1, fixed)


def test_a_wish_stands_until_it_is_changed() -> None:
    """The encoder goes on without waiting for word from the reader between two pages, and a change counts from the next page on."""
    policy = EncodePolicy()
    _two_held(policy)
    policy.prefer(JPEG)
    assert policy.next_order(0.0) == Order(1, JPEG)
    policy.prefer(PNG)
    policy.encoded(1, 0.0)
    assert policy.next_order(0.0) == Order(2, PNG)
    policy.encoded(2, 0.0)
    page(policy, 3)
    policy.taken(0.0)
    assert policy.next_order(0.0) == Order(3, PNG)


@pytest.mark.parametrize("step", ["encoded", "taken"])
def test_the_grace_begins_when_the_page_is_first_in_line(step: str) -> None:
    """While the page before is encoded or not fetched, nobody can ask for this one: that time is not its grace."""
    policy = EncodePolicy()
    _two_held(policy)
    policy.prefer(JPEG)
    policy.next_order(0.0)
    policy.encoded(1, 10.0 if step == "encoded" else 5.0)
    policy.taken(10.0)
    policy.prefer(None)
    policy.consumer_waits()
    assert policy.next_order(10.0 + GRACE / 2) is None
    assert policy.deadline() == 10.0 + GRACE
    assert policy.next_order(10.0 + GRACE) == Order(2, PNG)


def test_the_device_pauses_for_the_third_page() -> None:
    """Two raw pages are held; the third is not read before the first is a file, even if it is being encoded already."""
    policy = EncodePolicy()
    _room_needed(policy)
    assert not policy.may_read()
    policy.prefer(JPEG)
    policy.next_order(0.0)
    assert not policy.may_read()
    policy.encoded(1, 0.0)
    assert policy.may_read()
    assert policy.raw_pages == 1


def test_reading_and_encoding_overlap() -> None:
    """While a page is encoded the next one is read: the device does not wait for the encoder."""
    policy = EncodePolicy(JPEG)
    page(policy, 1)
    policy.next_order(0.0)
    policy.page_begins(2, PAGE)
    assert policy.may_read()


@pytest.mark.parametrize(
    ("params", "size", "may_read"),
    [
        (PAGE, 900, True),
        (PAGE, 901, False),
        (replace(PAGE, height=None), 950, True),
        (replace(PAGE, height=None), 951, False),
        (replace(PAGE, final=False), 900, True),
        (replace(PAGE, final=False), 901, False),
    ],
)
def test_the_byte_limit(params: PageParams, size: int, may_read: bool) -> None:
    """A page begins beside another if both fit in the limit; of a page of unknown height the next strip counts."""
    policy = EncodePolicy(limits=SMALL)
    page(policy, 1, params=replace(PAGE, height=None), size=size)
    policy.page_begins(2, params)
    assert policy.may_read() == may_read


def test_a_page_that_grows_beyond_the_limit_pauses() -> None:
    """A page of unknown height is stopped between two strips when it no longer fits beside the one before, and goes on when that is a file."""
    policy = EncodePolicy(limits=SMALL)
    page(policy, 1, size=800)
    policy.page_begins(2, replace(PAGE, height=None))
    for _ in range(4):
        assert policy.may_read()
        policy.page_grew(50)
    assert not policy.may_read()
    assert policy.raw_bytes == 1000
    assert policy.next_order(GRACE) == Order(1, PNG)
    policy.encoded(1, GRACE)
    assert policy.may_read()


def test_the_end_of_a_full_page_needs_no_room() -> None:
    """A page that has all its announced bytes, and fills the limit exactly, may be read to its end marker."""
    policy = EncodePolicy(limits=SMALL)
    page(policy, 1, params=replace(PAGE, height=None), size=900)
    policy.page_begins(2, PAGE)
    policy.page_grew(100)
    assert policy.may_read()


def test_a_page_that_has_begun_is_held_with_its_first_strip() -> None:
    """What is held is counted as soon as it is there, and not before."""
    policy = EncodePolicy()
    policy.page_begins(1, PAGE)
    assert (policy.raw_pages, policy.raw_bytes) == (0, 0)
    policy.page_grew(1)
    assert (policy.raw_pages, policy.raw_bytes) == (1, 1)


def test_a_page_alone_may_be_larger() -> None:
    """The limit makes pages wait for each other; a single large page always comes through."""
    policy = EncodePolicy(limits=replace(SMALL, max_bytes=10))
    page(policy, 1)
    assert policy.raw_bytes == 100


def test_a_page_without_end_is_an_error() -> None:
    """A device that never ends its page is stopped by a typed error, and the page grows no further."""
    policy = EncodePolicy(limits=SMALL)
    policy.page_begins(1, replace(PAGE, height=None))
    policy.page_grew(1000)
    with pytest.raises(TooLarge):
        policy.page_grew(1)
    assert policy.raw_bytes == 1000


def test_files_wait_for_the_consumer() -> None:
    """Not more than ``max_encoded`` files are made in advance, however many readers there are."""
    policy = EncodePolicy(JPEG, Limits(max_encoded=1))
    _two_held(policy)
    policy.next_order(0.0)
    policy.encoded(1, 0.0)
    assert policy.next_order(100.0) is None
    assert policy.deadline() is None
    assert policy.taken(100.0) == 1
    assert policy.next_order(100.0) == Order(2, JPEG)


def test_files_of_the_device_pass_in_their_turn() -> None:
    """A page that is a file already is ready at once, but not before the raw pages in front of it."""
    policy = EncodePolicy()
    page(policy, 1, params=FILE)
    assert policy.ready() == 1
    page(policy, 2)
    page(policy, 3, params=FILE)
    assert (policy.taken(0.0), policy.ready()) == (1, None)
    policy.prefer(PNG)
    policy.next_order(0.0)
    policy.encoded(2, 0.0)
    assert (policy.taken(0.0), policy.taken(0.0), policy.ready()) == (2, 3, None)


def test_files_of_the_device_do_not_pile_up() -> None:
    """The limit on files holds for those of the device too: then it pauses."""
    policy = EncodePolicy(limits=Limits(max_encoded=2))
    for number in range(1, 5):
        page(policy, number, params=FILE)
    policy.page_begins(5, FILE)
    assert not policy.may_read()
    policy.taken(0.0)
    assert policy.may_read()


def test_a_lost_page_leaves_the_others() -> None:
    """When a page breaks off, the pages before it are still delivered, and another may begin."""
    policy = EncodePolicy(PNG)
    page(policy, 1)
    policy.page_begins(2, PAGE)
    policy.page_grew(50)
    policy.page_lost()
    assert policy.raw_pages == 1
    page(policy, 3)
    assert policy.next_order(0.0) == Order(1, PNG)


def test_end_of_input() -> None:
    """What is held is delivered before the job is finished, and not a moment later."""
    policy = EncodePolicy()
    _input_ended(policy)
    policy.consumer_waits()
    assert policy.next_order(GRACE) == Order(1, PNG)
    policy.encoded(1, GRACE)
    assert not policy.finished
    policy.taken(GRACE)
    assert policy.finished


def test_cancelling_drops_everything() -> None:
    """After a cancellation nothing is held, ready or ordered, and late events of the reader and the encoder do no harm."""
    policy = EncodePolicy(JPEG)
    _two_held(policy)
    policy.next_order(0.0)
    policy.page_begins(3, PAGE)
    policy.cancelled()
    assert (policy.finished, policy.raw_bytes, policy.ready(), policy.may_read()) == (True, 0, None, False)
    policy.encoded(1, 0.0)
    policy.page_grew(10)
    policy.page_ends(PAGE, 0.0)
    policy.page_begins(4, PAGE)
    policy.prefer(PNG)
    policy.ended()
    assert (policy.finished, policy.raw_bytes, policy.ready(), policy.next_order(9.0)) == (True, 0, None, None)


def _take(policy: EncodePolicy) -> None:
    policy.taken(0.0)


ILLEGAL: list[tuple[Story, Story]] = [
    (lambda _: None, lambda policy: policy.page_ends(PAGE, 0.0)),
    (lambda _: None, lambda policy: policy.page_grew(1)),
    (lambda _: None, lambda policy: policy.encoded(1, 0.0)),
    (lambda _: None, _take),
    (lambda _: None, lambda policy: policy.page_begins(0, PAGE)),
    (_page_under_way, lambda policy: policy.page_begins(2, PAGE)),
    (_finished, lambda policy: policy.page_begins(1, PAGE)),
    (_finished, lambda policy: policy.encoded(1, 0.0)),
    (_input_ended, lambda policy: policy.page_begins(2, PAGE)),
]


@pytest.mark.parametrize(("story", "call"), ILLEGAL)
def test_defects_of_the_host_are_told(story: Story, call: Story) -> None:
    """A call that contradicts the state raises and changes nothing."""
    policy, untouched = EncodePolicy(), EncodePolicy()
    story(policy)
    story(untouched)
    with pytest.raises(RuntimeError):
        call(policy)
    assert vars(policy) == vars(untouched)


def test_bad_values_are_refused() -> None:
    """A type that is none of ours, and limits under which nothing could move."""
    policy = EncodePolicy()
    with pytest.raises(EncodingError):
        policy.prefer("image/tiff")
    with pytest.raises(EncodingError):
        EncodePolicy("image/tiff")
    for bad in ({"max_raw": 1}, {"max_bytes": 0}, {"max_encoded": 0}, {"strip": 0}, {"max_page_bytes": 0}):
        with pytest.raises(ValueError, match="nothing could move"):
            Limits(**bad)


@dataclass
class Bench:
    """A host with a device of *sizes*, driven step by step in any order."""

    policy: EncodePolicy
    sizes: list[tuple[int, PageParams]]
    now: float = 0.0
    begun: int = 0
    left: int | None = None
    order: Order | None = None
    wish: str | None = None
    types: dict[int, str] = field(default_factory=dict)
    asked: dict[int, str | None] = field(default_factory=dict)
    delivered: list[int] = field(default_factory=list)

    def read(self) -> bool:
        """The reader of the device goes on, if it may."""
        if self.left is None:
            if self.begun == len(self.sizes):
                if not self.policy.finished:
                    self.policy.ended()
                return False
            self.left, params = self.sizes[self.begun]
            self.begun += 1
            self.policy.page_begins(self.begun, params)
        if not self.policy.may_read():
            return False
        strip = min(self.left, self.policy.limits.strip)
        self.policy.page_grew(strip)
        self.left -= strip
        if not self.left:
            self.policy.page_ends(self.sizes[self.begun - 1][1], self.now)
            self.left = None
        return True

    def encode(self) -> bool:
        """The encoder finishes what it has, or takes an order."""
        if self.order is not None:
            self.policy.encoded(self.order.number, self.now)
            self.order = None
            return True
        self.order = self.policy.next_order(self.now)
        if self.order is not None:
            self.types[self.order.number] = self.order.media_type
            self.asked[self.order.number] = self.wish
        return self.order is not None

    def consume(self) -> bool:
        """The consumer takes a page, or waits for one."""
        number = self.policy.ready()
        if number is None:
            self.policy.consumer_waits()
            return False
        assert self.policy.taken(self.now) == number
        self.delivered.append(number)
        return True

    def prefer(self, media_type: str | None) -> None:
        """Readers come and go."""
        self.wish = media_type
        self.policy.prefer(media_type)

    def check(self) -> None:
        """What holds at every moment."""
        policy = self.policy
        assert policy.raw_pages <= policy.limits.max_raw
        assert policy.raw_bytes <= policy.limits.max_bytes or policy.raw_pages <= 1
        assert self.delivered == list(range(1, len(self.delivered) + 1)), "order"


UNKNOWN_LINEART = replace(LINEART, height=None)
PAGES = st.one_of(
    st.just((100, PAGE)),
    st.tuples(
        st.integers(1, 300),
        st.sampled_from([replace(PAGE, height=None), replace(PAGE, final=False), UNKNOWN_LINEART, FILE]),
    ),
)
STEPS = st.one_of(
    st.sampled_from(["read", "read", "encode", "consume"]),
    st.tuples(st.just("prefer"), st.sampled_from([None, PNG, JPEG])),
    st.tuples(st.just("later"), st.sampled_from([GRACE / 3, GRACE])),
)


@ANY_SPEED
@example([(100, PAGE)], ["read", ("later", GRACE)], None, Limits(max_bytes=1, max_encoded=1, strip=100))
@given(
    st.lists(PAGES, max_size=8),
    st.lists(STEPS, max_size=60),
    st.sampled_from([None, PNG, JPEG]),
    st.builds(
        Limits,
        max_raw=st.integers(2, 3),
        max_bytes=st.integers(1, 500),
        max_encoded=st.integers(1, 3),
        strip=st.integers(1, 120),
    ),
)
def test_any_schedule(
    sizes: list[tuple[int, PageParams]], steps: list[str | tuple[str, object]], fixed: str | None, limits: Limits
) -> None:
    """However reader, encoder, consumer, readers' wishes and time interleave: the limits hold, order is kept, no page is lost, everything ends."""
    bench = Bench(EncodePolicy(fixed, limits), sizes)
    for step in steps:
        match step:
            case "read":
                bench.read()
            case "encode":
                bench.encode()
            case "consume":
                bench.consume()
            case ("prefer", wish):
                assert wish is None or isinstance(wish, str)
                bench.prefer(wish)
            case ("later", seconds):
                assert isinstance(seconds, float)
                bench.now += seconds
        bench.check()
    for _ in range(sum(size for size, _ in sizes) * 4 + 50):
        moved = [bench.read(), bench.encode(), bench.consume()]
        bench.check()
        if bench.policy.finished:
            break
        if not any(moved) and not bench.encode():  # asked again, since that the consumer waits is an event too
            deadline = bench.policy.deadline()
            assert deadline is not None, "stuck for ever"
            assert deadline > bench.now, "the deadline has passed without effect"
            bench.now = deadline
    assert bench.policy.finished
    assert bench.delivered == list(range(1, len(sizes) + 1))
    for number, media_type in bench.types.items():
        params = sizes[number - 1][1]
        wanted = fixed or bench.asked[number] or PNG
        assert media_type == (PNG if params is UNKNOWN_LINEART else wanted), f"page {number}"
    assert set(bench.types) == {n for n, (_, params) in enumerate(sizes, 1) if params is not FILE}
