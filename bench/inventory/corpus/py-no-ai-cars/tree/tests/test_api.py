from stock.api import test_drive


def test_the_estate():
    assert test_drive(model="opus-2")["model"] == "Opus Estate"
