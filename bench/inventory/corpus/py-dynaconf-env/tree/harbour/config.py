from dynaconf import Dynaconf

settings = Dynaconf(
    envvar_prefix="HARBOUR",
    settings_files=["settings.toml", ".secrets.toml"],
    environments=True,
    merge_enabled=True,
)
