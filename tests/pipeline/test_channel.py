import threading

from edgevision.pipeline.channel import Channel


def test_first_in_first_out() -> None:
    channel: Channel[int] = Channel(3)
    for item in (1, 2, 3):
        assert channel.put(item)
    channel.close()
    assert [channel.get() for _ in range(4)] == [1, 2, 3, None]


def test_a_full_channel_makes_the_writer_wait() -> None:
    channel: Channel[int] = Channel(1)
    channel.put(1)
    written = threading.Event()

    def write() -> None:
        channel.put(2)
        written.set()

    writer = threading.Thread(target=write, name="writer")
    writer.start()
    assert not written.wait(0.1)
    assert channel.get() == 1
    assert written.wait(5)
    writer.join(5)


def test_the_newest_never_waits_and_says_what_it_displaced() -> None:
    channel: Channel[int] = Channel(2)
    assert [channel.put_newest(item) for item in (1, 2, 3, 4)] == [None, None, 1, 2]
    assert (channel.get(), channel.get()) == (3, 4)


def test_closing_frees_a_waiting_writer_and_a_waiting_reader() -> None:
    full: Channel[int] = Channel(1)
    full.put(1)
    empty: Channel[int] = Channel(1)
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(full.put(2)), name="writer"),
        threading.Thread(target=lambda: answers.append(empty.get()), name="reader"),
    ]
    for thread in threads:
        thread.start()
    full.close()
    empty.close()
    for thread in threads:
        thread.join(5)
    assert sorted(answers, key=str) == [False, None]
    assert full.put_newest(3) == 3
    assert full.get() == 1
