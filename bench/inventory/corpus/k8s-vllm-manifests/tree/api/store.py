import os

import psycopg


def nearest(vector: list[float], count: int = 5) -> list[str]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT text FROM articles ORDER BY embedding <=> %s::vector LIMIT %s", (str(vector), count)
        )
        return [row[0] for row in rows]
