"""Synthesise the voice of the hall displays: letters, digits and one phrase, in Hindi and English.

    apt-get install espeak-ng lame
    .venv/bin/python scripts/sounds.py

One mono MP3 with a silence after each word, and an index of seconds beside it: display.js cuts the words out. The
phrases are spoken by the program eSpeak NG (GPL-3.0-or-later), which is no part of the portal; its voice is synthetic.
Each word is checked: it has a sensible length, is neither silent nor clipped, and lies in the band of speech.
"""

from __future__ import annotations

import array
import json
import math
import string
import subprocess
import sys
import wave
from io import BytesIO
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "portal" / "web" / "static" / "sounds"
RATE = 22050
GAP_SECONDS = 0.15
PEAK = 0.85
SENSIBLE = ((0.15, 1.5), (0.05, 0.5), (100, 5000))  # seconds, level, crossings a second
WORDS_A_MINUTE = {"en": "140", "hi": "130"}
VOICES = {"en": "en-us", "hi": "hi"}
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
HINDI = ["शून्य", "एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ"]


def words() -> dict[str, tuple[str, str]]:
    """Key → (language, what is said)."""
    letters = {f"en-{letter}": ("en", f"{letter}.") for letter in string.ascii_uppercase}
    english = {f"en-{digit}": ("en", word) for digit, word in enumerate(ENGLISH)}
    hindi = {f"hi-{digit}": ("hi", word) for digit, word in enumerate(HINDI)}
    return {"en-token": ("en", "token number"), "hi-token": ("hi", "टोकन संख्या")} | letters | english | hindi


def spoken(language: str, text: str) -> array.array[int]:
    """One word as samples, cut to where it sounds and brought to one loudness."""
    line = ["espeak-ng", "-v", VOICES[language], "-s", WORDS_A_MINUTE[language], "--stdout", text]
    made = subprocess.run(line, check=True, capture_output=True).stdout  # noqa: S603 - our own words
    with wave.open(BytesIO(made)) as file:
        samples = array.array("h", file.readframes(10**7))
    loudest = max(abs(sample) for sample in samples)
    heard = [place for place, sample in enumerate(samples) if abs(sample) > loudest / 50]
    cut = samples[max(heard[0] - RATE // 100, 0) : heard[-1] + RATE // 50]
    return array.array("h", (int(sample * PEAK * 32767 / loudest) for sample in cut))


def check(key: str, samples: array.array[int]) -> None:
    """Length, level, and how often the wave crosses zero: speech lies between a hum and a hiss."""
    seconds = len(samples) / RATE
    level = math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768
    crossings = sum((one < 0) != (other < 0) for one, other in pairwise(samples)) / 2 / seconds
    measured = (seconds, level, crossings)
    if not all(low < value < high for value, (low, high) in zip(measured, SENSIBLE, strict=True)):
        sys.exit(f"{key} does not sound like a word: {measured}")


def main() -> None:
    """Speak all words into one file."""
    sounds, index = array.array("h"), {}
    for key, (language, text) in words().items():
        samples = spoken(language, text)
        check(key, samples)
        index[key] = [round(len(sounds) / RATE, 3), round(len(samples) / RATE, 3)]
        sounds.extend(samples)
        sounds.extend(array.array("h", bytes(2 * int(RATE * GAP_SECONDS))))
    FOLDER.mkdir(exist_ok=True)
    line = ["lame", "--quiet", "-r", "-s", str(RATE / 1000), "-m", "m", "-b", "32", "-", str(FOLDER / "voice.mp3")]
    subprocess.run(line, check=True, input=sounds.tobytes())  # noqa: S603 - our own words
    (FOLDER / "voice.json").write_text(json.dumps(index, separators=(",", ":")) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(index)} words, {len(sounds) / RATE:.1f} s\n")


if __name__ == "__main__":
    main()
