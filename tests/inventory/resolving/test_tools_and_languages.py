"""What gateways, orchestrators and the frameworks of other languages make of their files."""

from __future__ import annotations

from deployments import DASHSCOPE, DEEPSEEK, OPENAI, calling, found, states


class TestLiteLlm:
    CONFIG = """
        model_list:
          - model_name: chat
            litellm_params:
              model: deepseek/deepseek-chat
              api_key: os.environ/DEEPSEEK_API_KEY
          - model_name: spare
            litellm_params:
              model: openai/gpt-4o-mini
              api_key: os.environ/OPENAI_API_KEY
        litellm_settings:
          fallbacks:
            - chat: [spare]
        """
    COMPOSE = """
        services:
          litellm:
            image: ghcr.io/berriai/litellm:main-stable
            command: ["--config", "/app/config.yaml"]
            volumes:
              - ./litellm_config.yaml:/app/config.yaml
        """

    def test_an_entry_goes_where_its_prefix_says(self) -> None:
        got = found({"litellm_config.yaml": self.CONFIG, "docker-compose.yml": self.COMPOSE})
        assert ("deepseek/deepseek-chat", "effective", DEEPSEEK) in got


class TestServers:
    def test_a_served_command_line(self) -> None:
        compose = """
            services:
              vllm:
                image: vllm/vllm-openai:v0.6.3
                command: --model Qwen/Qwen2.5-7B-Instruct --port 8000
            """
        assert states({"docker-compose.yml": compose}) == {"Qwen/Qwen2.5-7B-Instruct": "effective"}

    def test_no_replica(self) -> None:
        manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: vllm
            spec:
              replicas: 0
              template:
                spec:
                  containers:
                    - name: vllm
                      image: vllm/vllm-openai:v0.6.3
                      args: ["--model", "Qwen/Qwen2.5-7B-Instruct"]
            """
        assert states({"k8s/vllm.yaml": manifest}) == {"Qwen/Qwen2.5-7B-Instruct": "off"}

    def test_the_environment_of_a_pod(self) -> None:
        manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: api
            spec:
              template:
                spec:
                  containers:
                    - name: api
                      image: registry.example.com/api:1
                      env:
                        - name: CHAT_MODEL
                          value: gpt-4o
            """
        service = calling('os.getenv("CHAT_MODEL", "gpt-4o-mini")', "import os\n")
        assert states({"k8s/api.yaml": manifest, "app/main.py": service}) == {
            "gpt-4o": "effective",
            "gpt-4o-mini": "fallback",
        }


CHART = """
    apiVersion: v2
    name: shop
    version: 1.0.0
    dependencies:
      - name: vllm
        version: 1.0.0
        condition: vllm.enabled
    """
SUB_CHART = {
    "chart/charts/vllm/Chart.yaml": "apiVersion: v2\nname: vllm\nversion: 1.0.0\n",
    "chart/charts/vllm/values.yaml": "model: Qwen/Qwen2.5-7B-Instruct\n",
    "chart/charts/vllm/templates/deployment.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: vllm
        spec:
          template:
            spec:
              containers:
                - name: vllm
                  image: vllm/vllm-openai:v0.6.3
                  args: ["--model", "{{ .Values.model }}"]
        """,
}


class TestHelm:
    def test_the_values_of_the_parent_win(self) -> None:
        values = "vllm:\n  enabled: true\n  model: Qwen/Qwen2.5-72B-Instruct\n"
        got = states({"chart/Chart.yaml": CHART, "chart/values.yaml": values, **SUB_CHART})
        assert got["Qwen/Qwen2.5-72B-Instruct"] == "effective"
        assert got.get("Qwen/Qwen2.5-7B-Instruct") in (None, "fallback")


class TestSpring:
    YAML = """
        spring:
          ai:
            openai:
              api-key: ${OPENAI_API_KEY}
              base-url: https://api.deepseek.com
              chat:
                options:
                  model: ${CHAT_MODEL:deepseek-chat}
        """
    JAVA = """
        package cn.acme;
        import org.springframework.ai.chat.client.ChatClient;
        class Chat {
            private final ChatClient client;
            Chat(ChatClient.Builder builder) { this.client = builder.build(); }
            String ask(String q) { return client.prompt(q).call().content(); }
        }
        """

    def test_a_placeholder_that_the_environment_fills(self) -> None:
        files = {
            "src/main/resources/application.yml": self.YAML,
            "src/main/java/cn/acme/Chat.java": self.JAVA,
        }
        assert states(files) == {"deepseek-chat": "effective"}
        got = states({**files, ".env": "CHAT_MODEL=deepseek-reasoner\n"})
        assert got == {"deepseek-reasoner": "effective", "deepseek-chat": "fallback"}


class TestLanguages:
    def test_options_of_dot_net(self) -> None:
        files = {
            "src/Api/appsettings.json": """
                {"OpenAI": {"Model": "gpt-4o-mini", "Endpoint": "https://api.openai.com/v1"}}
                """,
            "src/Api/OpenAIOptions.cs": """
                namespace Api;
                public class OpenAIOptions { public string Model { get; set; } = "gpt-4-turbo"; }
                """,
            "src/Api/Program.cs": """
                using OpenAI.Chat;
                var builder = WebApplication.CreateBuilder(args);
                builder.Services.Configure<OpenAIOptions>(builder.Configuration.GetSection("OpenAI"));
                var options = builder.Configuration.GetSection("OpenAI").Get<OpenAIOptions>();
                var client = new ChatClient(options.Model, key);
                """,
        }
        got = found(files)
        assert ("gpt-4o-mini", "effective", OPENAI) in got
        assert ("gpt-4-turbo", "effective", OPENAI) not in got

    def test_viper(self) -> None:
        files = {
            "config.yaml": "llm:\n  model: deepseek-chat\n  base_url: https://api.deepseek.com/v1\n",
            "main.go": """
                package main
                import (
                    "github.com/sashabaranov/go-openai"
                    "github.com/spf13/viper"
                )
                func ask(q string) {
                    cfg := openai.DefaultConfig("k")
                    cfg.BaseURL = viper.GetString("llm.base_url")
                    client := openai.NewClientWithConfig(cfg)
                    request := openai.ChatCompletionRequest{Model: viper.GetString("llm.model")}
                    client.CreateChatCompletion(ctx, request)
                }
                """,
        }
        assert found(files) == {("deepseek-chat", "effective", DEEPSEEK)}

    def test_an_environment_with_a_default_in_typescript(self) -> None:
        files = {
            "src/chat.ts": """
                import OpenAI from "openai";
                const client = new OpenAI({
                  baseURL: process.env.LLM_URL ?? "https://dashscope.aliyuncs.com/compatible-mode/v1",
                });
                export const ask = (q: string) =>
                  client.chat.completions.create({
                    model: process.env.LLM_MODEL || "qwen-plus",
                    messages: [{ role: "user", content: q }],
                  });
                """
        }
        assert found(files) == {("qwen-plus", "effective", DASHSCOPE)}
        got = states({**files, ".env": "LLM_MODEL=qwen-max\n"})
        assert got == {"qwen-max": "effective", "qwen-plus": "fallback"}


class TestRows:
    def test_rows_of_a_table(self) -> None:
        sql = """
            INSERT INTO llm_model (id, name, base_url, enabled) VALUES
              (1, 'deepseek-chat', 'https://api.deepseek.com/v1', 1),
              (2, 'qwen-max', 'https://dashscope.aliyuncs.com/compatible-mode/v1', 0);
            """
        assert states({"sql/init.sql": sql}) == {"deepseek-chat": "effective", "qwen-max": "off"}

    def test_rows_of_other_things(self) -> None:
        sql = "INSERT INTO products (id, model, price) VALUES (1, 'galaxy-s21', 799), (2, 'o1-bike', 99);\n"
        assert states({"sql/init.sql": sql}) == {}
