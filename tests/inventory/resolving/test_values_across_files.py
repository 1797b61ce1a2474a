"""Names, fields and variables followed from where a model is called to where its id stands."""

from __future__ import annotations

from deployments import DASHSCOPE, DEEPSEEK, OPENAI, calling, found, scanned, states


class TestNames:
    def test_a_constant_of_the_same_file(self) -> None:
        assert found({"app/main.py": calling("MODEL", 'MODEL = "gpt-4o-mini"\n')}) == {
            ("gpt-4o-mini", "effective", OPENAI)
        }

    def test_a_constant_of_another_file(self) -> None:
        files = {
            "app/__init__.py": "",
            "app/constants.py": 'CHAT_MODEL = "gpt-4o-mini"\n',
            "app/main.py": calling("CHAT_MODEL", "from app.constants import CHAT_MODEL\n"),
        }
        assert found(files) == {("gpt-4o-mini", "effective", OPENAI)}

    def test_a_constant_under_another_name(self) -> None:
        files = {
            "app/constants.py": 'DEFAULT = "gpt-4o-mini"\n',
            "app/main.py": calling("M", "from .constants import DEFAULT as M\n"),
        }
        assert found(files) == {("gpt-4o-mini", "effective", OPENAI)}

    def test_a_constant_of_a_module(self) -> None:
        files = {
            "app/constants.py": 'DEFAULT = "gpt-4o-mini"\n',
            "app/main.py": calling("constants.DEFAULT", "from app import constants\n"),
        }
        assert found(files) == {("gpt-4o-mini", "effective", OPENAI)}

    def test_the_same_name_in_two_services(self) -> None:
        files = {
            "chat/config.py": 'MODEL = "gpt-4o"\n',
            "chat/main.py": calling("config.MODEL", "import config\n"),
            "summary/config.py": 'MODEL = "gpt-4o-mini"\n',
            "summary/main.py": calling("config.MODEL", "import config\n"),
        }
        assert found(files) == {("gpt-4o", "effective", OPENAI), ("gpt-4o-mini", "effective", OPENAI)}

    def test_the_place_is_where_the_value_stands_and_then_where_it_is_used(self) -> None:
        files = {
            "app/constants.py": '# models\nCHAT_MODEL = "gpt-4o-mini"\n',
            "app/main.py": calling("CHAT_MODEL", "from app.constants import CHAT_MODEL\n"),
        }
        [usage] = scanned(files).usages
        assert (usage.place.path, usage.place.line) == ("app/constants.py", 2)
        assert ("app/main.py", 9) in [(place.path, place.line) for place in usage.places]

    def test_a_name_that_is_overwritten(self) -> None:
        text = calling("MODEL", 'MODEL = "gpt-4-0613"\nMODEL = "gpt-4o-mini"\n')
        assert states({"app/main.py": text}) == {"gpt-4o-mini": "effective", "gpt-4-0613": "stale"}

    def test_a_constant_that_nothing_reads_is_stale(self) -> None:
        text = calling("MODEL", 'MODEL = "gpt-4o-mini"\nFORMER_MODEL = "gpt-4-0613"\n')
        assert states({"app/main.py": text}) == {"gpt-4o-mini": "effective", "gpt-4-0613": "stale"}


class TestStrings:
    def test_the_first_that_has_a_value(self) -> None:
        text = calling('MODEL or "gpt-4-turbo"', 'MODEL = "gpt-4o-mini"\n')
        assert states({"app/main.py": text}) == {"gpt-4o-mini": "effective", "gpt-4-turbo": "fallback"}


class TestTables:
    TABLE = 'MODELS = {"fast": "gpt-4o-mini", "smart": "gpt-4o"}\n'

    def test_the_entry_of_a_key(self) -> None:
        files = {"app/main.py": calling('MODELS["fast"]', self.TABLE)}
        assert states(files)["gpt-4o-mini"] == "effective"
        assert states(files).get("gpt-4o") in (None, "catalogue", "stale")

    def test_the_entry_of_a_key_that_is_configured(self) -> None:
        text = calling("MODELS[os.environ['TIER']]", "import os\n" + self.TABLE)
        got = states({"app/main.py": text, ".env": "TIER=smart\n"})
        assert got["gpt-4o"] == "effective"
        assert got.get("gpt-4o-mini") != "effective"

    def test_a_default_behind_a_key(self) -> None:
        text = calling('MODELS.get("none such", "gpt-4-turbo")', self.TABLE)
        assert states({"app/main.py": text})["gpt-4-turbo"] == "effective"


class TestFunctions:
    def test_what_a_factory_gives_back(self) -> None:
        text = calling("model_name()", 'def model_name():\n    return "gpt-4o-mini"\n\n')
        assert found({"app/main.py": text}) == {("gpt-4o-mini", "effective", OPENAI)}

    def test_a_parameter_that_a_caller_gives(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI()

            def ask(question, model):
                return client.chat.completions.create(model=model, messages=[question])

            def summary(text):
                return ask(text, "gpt-4o-mini")

            def judge(text):
                return ask(text, model="gpt-4o")
            """
        assert found({"app/main.py": text}) == {
            ("gpt-4o-mini", "effective", OPENAI),
            ("gpt-4o", "effective", OPENAI),
        }

    def test_a_default_that_some_callers_leave(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI()

            def ask(question, model="gpt-4o-mini"):
                return client.chat.completions.create(model=model, messages=[question])

            def summary(text):
                return ask(text)
            """
        assert found({"app/main.py": text}) == {("gpt-4o-mini", "effective", OPENAI)}

    def test_a_default_that_every_caller_overrides(self) -> None:
        text = """
            from openai import OpenAI
            client = OpenAI()

            def ask(question, model="gpt-4-turbo"):
                return client.chat.completions.create(model=model, messages=[question])

            def summary(text):
                return ask(text, model="gpt-4o-mini")
            """
        assert states({"app/main.py": text}) == {"gpt-4o-mini": "effective", "gpt-4-turbo": "fallback"}

    def test_an_attribute_of_an_object(self) -> None:
        text = """
            from openai import OpenAI

            class Bot:
                def __init__(self, model="gpt-4o-mini"):
                    self.client = OpenAI(base_url="https://api.deepseek.com")
                    self.model = model

                def answer(self, q):
                    return self.client.chat.completions.create(model=self.model, messages=[q])

            bot = Bot("deepseek-chat")
            """
        got = found({"app/bot.py": text})
        assert ("deepseek-chat", "effective", DEEPSEEK) in got
        assert ("gpt-4o-mini", "effective", DEEPSEEK) not in got

    def test_a_field_of_the_class_that_is_derived_from(self) -> None:
        files = {
            "app/base.py": """
                from openai import OpenAI

                class Agent:
                    model = "gpt-4-turbo"

                    def __init__(self):
                        self.client = OpenAI()

                    def run(self, q):
                        return self.client.chat.completions.create(model=self.model, messages=[q])
                """,
            "app/agents.py": """
                from app.base import Agent

                class Summariser(Agent):
                    model = "gpt-4o-mini"

                agent = Summariser()
                """,
        }
        assert states(files)["gpt-4o-mini"] == "effective"

    def test_an_alias_of_a_library(self) -> None:
        text = """
            import dashscope
            from dashscope import Generation

            def ask(q):
                return Generation.call(model=Generation.Models.qwen_turbo, prompt=q)

            def ask_more(q):
                return Generation.call(model="qwen-max", prompt=q)
            """
        assert ("qwen-max", "effective", DASHSCOPE) in found({"app/main.py": text})
        assert ("qwen-turbo", "effective", DASHSCOPE) in found({"app/main.py": text})
