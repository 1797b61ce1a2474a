from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Car(Base):
    __tablename__ = "cars"
    id = Column(Integer, primary_key=True)
    maker = Column(String)
    model = Column(String, default="o1")
    model_name = Column(String, default="Sonnet 4")
    engine = Column(String, default="turbo-3.5")
