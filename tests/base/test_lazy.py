"""Attributes made when they are first read."""

from portal.base.lazy import lazy


class Thing:
    """Counts how often its attribute was made."""

    made = 0

    @lazy
    def number(self) -> int:
        """The answer."""
        self.made += 1
        return 41 + self.made


def test_it_is_made_once_for_each_thing():
    one, other = Thing(), Thing()
    assert (one.number, one.number, other.number) == (42, 42, 42)
    assert (one.made, other.made) == (1, 1)


def test_nothing_is_made_before_somebody_reads_it():
    thing = Thing()
    assert (thing.made, vars(thing)) == (0, {})


def test_of_the_class_it_is_itself_with_its_docstring():
    assert Thing.number.__doc__ == "The answer."
