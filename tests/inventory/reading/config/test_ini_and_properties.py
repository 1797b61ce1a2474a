"""INI, properties, HOCON, units of systemd and supervised programs."""

from __future__ import annotations

from config_samples import read, said


def test_ini() -> None:
    text = """\
    root = 1
    [llm]
    model = gpt-4o   ; the good one
    url: "http://x/v1"
    prompt = You are
        kind.
    [rerank]
    enable = no
    model = bge
    """
    assert said("app.ini", text) == [
        "1 root = 1",
        "3 llm.model = gpt-4o",
        "4 llm.url = http://x/v1",
        "5 llm.prompt = You are\nkind.",
        "8 rerank.enable = no",
        "9 rerank.model = bge !enable: no beside it",
    ]


def test_supervised_programs() -> None:
    text = """\
    [supervisord]
    nodaemon=true
    [program:llm]
    command=vllm serve %(ENV_MODEL)s
        --port 8000
    environment=HF_HOME="/m",MODE=%(ENV_MODE)s
    [program:old]
    command=vllm serve old/model
    autostart=false
    """
    rows = said("supervisord.conf", text)
    assert [row for row in rows if "supervisor:" in row] == [
        "6 [supervisor:llm] HF_HOME = /m",
        "6 [supervisor:llm] MODE = ${MODE}",
        "4 supervisor:llm(): vllm serve ${MODEL} --port 8000",
        "8 supervisor:old(): vllm serve old/model !autostart=false beside it",
    ]


def test_a_unit_of_systemd() -> None:
    text = """\
    [Unit]
    Description=models
    [Service]
    Environment="LLM_MODEL=qwen3:8b" MODE=prod
    Environment=MODE=test
    # Environment=LLM_MODEL=llama3
    EnvironmentFile=-/etc/llm.env
    ExecStartPre=-/usr/bin/ollama pull ${LLM_MODEL}
    ExecStart=/usr/bin/llama-server -m /m/a.gguf \\
        --port 8080
    [Install]
    WantedBy=multi-user.target
    """
    (document,) = read("llm.service", text)
    assert (document.format, document.reads) == ("systemd", [("/etc/llm.env", "systemd:llm")])
    assert said("llm.service", text) == [
        "4 [systemd:llm] LLM_MODEL = qwen3:8b",
        "4 [systemd:llm] MODE = prod !overwritten at line 5",
        "5 [systemd:llm] MODE = test",
        "6 [systemd:llm] LLM_MODEL = llama3 !commented out",
        "8 systemd:llm(): /usr/bin/ollama pull ${LLM_MODEL}",
        "9 systemd:llm(): /usr/bin/llama-server -m /m/a.gguf --port 8080",
    ]


def test_a_unit_that_starts_a_container() -> None:
    text = "[Service]\nExecStart=/usr/bin/docker run -e MODEL=a/b vllm/vllm-openai --model a/b\n[Unit]\n"
    (document,) = read("a.service", text)
    (command,) = document.commands
    assert (command.image, [w.value for w in command.words]) == ("vllm/vllm-openai", ["--model", "a/b"])
    assert [(a.name, a.value.value) for a in document.assignments] == [("MODEL", "a/b")]


def test_properties() -> None:
    text = """\
    ! a comment
    spring.ai.openai.chat.options.model=${CHAT_MODEL:gpt-4o}
    a.list[0].name : x
    escaped\\ key = a\\u4e2d\\
       b
    rerank.enabled=false
    rerank.model=bge
    """
    assert said("application.properties", text) == [
        "2 spring.ai.openai.chat.options.model = ${CHAT_MODEL:-gpt-4o}",
        "3 a.list.[0].name = x",
        "4 escaped key = a中b",
        "6 rerank.enabled = false",
        "7 rerank.model = bge !enabled: false beside it",
    ]


def test_hocon() -> None:
    text = """\
    llm {
      url = "https://x/v1"
      model = "gpt-4o"
      model = ${?LLM_MODEL}
      options { temperature = 0.5 }
    }
    embed.model = bge-m3
    """
    assert said("application.conf", text) == [
        "2 llm.url = https://x/v1",
        "3 llm.model = gpt-4o",
        "4 llm.model = ${LLM_MODEL:-gpt-4o}",
        "5 llm.options.temperature = 0.5",
        "7 embed.model = bge-m3",
    ]
