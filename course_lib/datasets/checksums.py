"""The data sets in `data/`, and whether they are as the course knows them."""

from course_lib.files import DATA, remedy, verify

SHA256 = {
    "airline.csv": "28af0eb869db6d9fbd31d5af03993a0cbf36c0857c3eb046a068c094b60da851",
    "el_nino.csv": "b647be00e0fd264be9764e317e6b963f35030014ecca2b21b204521716e463ad",
    "japanese_vowels.npz": "f1916e63790ec1aaf9c96124420c3bf9efd506a40d53dee1b67dad86c2b4b6ac",
    "python_manual.txt": "9d501c3d06719fb9d32488ff6459902115345f2304086059fd478f0f847bbab1",
    "recording.wav": "2391830551949146c8d848e8c6be406345d8b7f23ce0a076172d4e542303eefa",
    "spoken_digits.npz": "a902a65ce63f54f38b340d77a34ec715e994fa5524312ca3a93d8bebecd8a1ea",
    "stocks.csv": "f671d41f2eaa72dbbf2930b18b9797801f8953a9063e2291e93c10acf8b42e6e",
    "sunspots.csv": "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
}


def checked_path(name):
    """The path of a data set, after a look at its checksum.

    Raises ValueError if it is missing or was changed, and says how to mend it.
    """
    path = DATA / name
    verify(path, SHA256[name], remedy("course_lib.datasets.make", path))
    return path
