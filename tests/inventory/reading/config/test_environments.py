"""Settings for one environment of several."""

from __future__ import annotations

from config_samples import tied


def test_settings_for_another_environment() -> None:
    rows = tied(
        **{
            "appsettings.json": '{"Llm": {"Model": "gpt-4o"}}',
            "appsettings.Development.json": '{"Llm": {"Model": "gpt-4o-mini"}}',
            "config/llm.yml": "default: &d {model: a, url: x}\ndevelopment: {<<: *d, model: b}\n"
            "production: {<<: *d, model: c}\n",
            ".env.production": "M=1\n",
            ".env.development": "M=2\n",
        }
    )
    assert rows == [
        "appsettings.json: 1 Llm.Model = gpt-4o",
        "appsettings.Development.json: 1 Llm.Model = gpt-4o-mini !environment development is not chosen",
        "config/llm.yml: 1 default.model = a !overwritten at line 3",
        "config/llm.yml: 1 default.url = x",
        "config/llm.yml: 2 development.model = b !environment development is not chosen",
        "config/llm.yml: 1 development.url = x !environment development is not chosen",
        "config/llm.yml: 3 production.model = c",
        "config/llm.yml: 1 production.url = x",
        ".env.production: 1 [] M = 1",
        ".env.development: 1 [] M = 2 !environment development is not chosen",
    ]


def test_the_tree_says_in_which_environment_it_runs() -> None:
    rows = tied(
        **{
            "Dockerfile": "FROM a\nENV ENV_FOR_DYNACONF=staging\n",
            "settings.toml": '[default]\nm = "a"\n[staging]\nm = "b"\n[production]\nm = "c"\n',
        }
    )
    assert rows[-3:] == [
        "settings.toml: 2 default.m = a !overwritten at line 4",
        "settings.toml: 4 staging.m = b",
        "settings.toml: 6 production.m = c !environment production is not chosen",
    ]


def test_an_environment_of_a_worker_is_not_chosen() -> None:
    rows = tied(**{"wrangler.toml": '[vars]\nMODEL = "a"\n[env.dev]\nvars = { MODEL = "b" }\n'})
    assert rows == [
        "wrangler.toml: 2 vars.MODEL = a",
        "wrangler.toml: 4 env.dev.vars.MODEL = b !no environment is chosen",
        "wrangler.toml: 2 [] MODEL = a",
        "wrangler.toml: 4 [] MODEL = b !no environment is chosen",
    ]
