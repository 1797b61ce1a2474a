from stock.tables import Car


def by_model(model: str, table: type = Car) -> list:
    return [row for row in table.__table__.columns if row.name == "model" and model]
