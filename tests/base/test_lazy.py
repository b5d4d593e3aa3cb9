"""Lazy attributes: computed on first access, then cached."""

from portal.base.lazy import lazy


class Thing:
    """Counts how often its attribute was computed."""

    made = 0

    @lazy
    def number(self) -> int:
        """The answer."""
        self.made += 1
        return 41 + self.made


def test_the_value_is_computed_once_per_instance_and_cached():
    one, other = Thing(), Thing()
    assert (one.number, one.number, other.number) == (42, 42, 42)
    assert (one.made, other.made) == (1, 1)


def test_nothing_is_computed_before_the_first_access():
    thing = Thing()
    assert (thing.made, vars(thing)) == (0, {})


def test_access_on_the_class_gives_the_descriptor_with_its_docstring():
    assert Thing.number.__doc__ == "The answer."
