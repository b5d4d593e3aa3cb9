"""When in the day a step is taken, for pictures: morning, noon, evening, night, bedtime."""

from fractions import Fraction

from portal.core.prescribing.dosing.lines import TIMES_OF_DAY, Named, Parts, Step, Times

PICTURES = (*TIMES_OF_DAY, "bedtime")
# What "twice a day" means to every pharmacist; once a day has no usual time, so it gets no picture.
_USUAL = {2: ("morning", "night"), 3: ("morning", "noon", "night"), 4: TIMES_OF_DAY}


def pictured(step: Step) -> dict[str, Fraction | None]:
    """Map the times of the day to the amount then, in the step's unit, None when it is not said.

    Empty where no picture says it: once a day, by the hour, weekly, when needed.
    """
    if step.needed:
        return {}
    match step.rhythm:
        case Parts(each):
            given = {name: part for name, part in zip(TIMES_OF_DAY, each, strict=True) if part}
            return {name: None if step.amount is None else step.amount * part for name, part in given.items()}
        case Named("bedtime"):
            return {"bedtime": step.amount}
        case Times(a_day) if a_day in _USUAL:
            return dict.fromkeys(_USUAL[a_day], step.amount)
    return {}
