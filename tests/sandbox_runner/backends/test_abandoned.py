"""What nobody uses any more."""

from sandbox_runner.backends.abandoned import UNUSED_SECONDS, Unused


class Looking:
    def __init__(self):
        self.now_s = 0.0
        self.unused = Unused(lambda: self.now_s)

    def look(self, *names, after_s=0.0):
        self.now_s += after_s
        return self.unused.for_a_while(names)


def test_what_is_unused_for_a_while_is_told():
    looking = Looking()
    assert not looking.look("old")
    assert not looking.look("old", "new", after_s=UNUSED_SECONDS - 1)
    assert looking.look("old", "new", after_s=1) == {"old"}


def test_what_was_used_in_between_has_a_new_while():
    looking = Looking()
    looking.look("it")
    looking.look(after_s=UNUSED_SECONDS / 2)
    assert not looking.look("it", after_s=UNUSED_SECONDS / 2)
