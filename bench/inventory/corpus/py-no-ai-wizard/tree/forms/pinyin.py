"""Sorting keys for the list of places."""
PLACES = {"宜宾": "yi-bin", "宜昌": "yi-chang", "义乌": "yi-wu", "益阳": "yi-yang", "伊犁": "yi-34"}


def key(place: str) -> str:
    return PLACES.get(place, place)
