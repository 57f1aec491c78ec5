"""Words spoken by the synthesizer espeak-ng."""

import ctypes
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

ESPEAK = (
    "espeakng-loader==0.2.4",
    "08721baf27d13d461f6be6eed9a65277e70d68234ff484fd8b9897b222cdcb6d",
)
RATE = 22050  # samples per second, espeak-ng's own

# From espeak-ng's speak_lib.h.
SYNCHRONOUS, CHARACTERS, UTF8 = 2, 1, 1
SPEED, PITCH, RANGE = 1, 3, 4
CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def speak(wheel, requests):
    """A sound (int16, `RATE`) for each of `requests`: (word, voice, speed, pitch, range).

    `wheel` is the unpacked folder. A process of its own does it, because the synthesizer's
    random numbers go on from word to word: so the same requests give the same sounds.
    """
    folder = str(wheel / "espeakng_loader")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(_speak, folder, requests).result()


def _speak(folder, requests):
    library = ctypes.CDLL(f"{folder}/libespeak-ng.so.1.52.0")
    pieces = []

    def take(samples, count, events):
        if samples and count > 0:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    callback = CALLBACK(take)
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, f"{folder}/espeak-ng-data".encode(), 0)
    if rate != RATE:
        raise ValueError(f"espeak-ng did not start: it answered {rate}")
    library.espeak_SetSynthCallback(callback)
    library.espeak_Synth.argtypes = [
        *[ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int],
        *[ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p],
    ]
    sounds = []
    for i, (word, voice, speed, pitch, pitch_range) in enumerate(requests):
        library.espeak_ng_SetRandSeed(ctypes.c_long(i))
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in ((SPEED, speed), (PITCH, pitch), (RANGE, pitch_range)):
            library.espeak_SetParameter(parameter, value, 0)
        pieces.clear()
        text = word.encode() + b"\0"
        library.espeak_Synth(text, len(text), 0, CHARACTERS, 0, UTF8, None, None)
        sounds.append(np.concatenate(pieces))
    return sounds
