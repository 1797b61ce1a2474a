from peewee import CharField, Model, SqliteDatabase

db = SqliteDatabase("granite.db")


class Tenant(Model):
    name = CharField()
    llm_id = CharField(help_text="default chat model")
    embd_id = CharField()

    class Meta:
        database = db
