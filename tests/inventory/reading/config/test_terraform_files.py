"""Terraform and OpenTofu."""

from __future__ import annotations

import pytest
from config_samples import read, said, tied
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.reading.config import read as read_bytes

MAIN = """\
variable "chat_model" {
  type    = string
  default = "gpt-4o-mini"
}

locals {
  prefix = "shop"
  models = { small = "gpt-4o-mini", large = var.chat_model }
}

resource "azurerm_cognitive_deployment" "chat" {
  name = "${local.prefix}-chat"
  model {
    format  = "OpenAI"
    name    = var.chat_model
    version = "2024-11-20"
    # name = "gpt-35-turbo"
  }
}

resource "azurerm_cognitive_deployment" "pictures" {
  count = 0
  model { name = "dall-e-3" }
}

resource "aws_bedrockagent_agent" "desk" {
  foundation_model = local.models["large"]
  instruction      = <<-EOT
    You answer for ${var.company}.
  EOT
}

resource "google_cloud_run_v2_service" "api" {
  template {
    containers {
      image = "api:1"
      env {
        name  = "LLM_MODEL"
        value = coalesce(var.override, "qwen-plus")
      }
      env {
        name  = "EMBED_MODEL"
        value = var.big ? "bge-m3" : "bge-small"
      }
    }
  }
}

resource "aws_lambda_function" "f" {
  environment {
    variables = {
      MODEL_ID = format("%s/%s", "anthropic", var.chat_model)
    }
  }
}

resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{
    name        = "api"
    environment = [{ name = "MODEL", value = "glm-4" }]
  }])
}
"""


def test_resources_variables_and_locals() -> None:
    deployment = "resource.azurerm_cognitive_deployment"
    rows = said("main.tf", MAIN)
    for row in (
        "3 var.chat_model = gpt-4o-mini",
        "7 local.prefix = shop",
        "8 local.models.small = gpt-4o-mini",
        "8 local.models.large = <var.chat_model>",
        f"12 {deployment}.chat.name = <local.prefix>-chat",
        f"15 {deployment}.chat.model.name = <var.chat_model>",
        f"17 {deployment}.chat.model.name = gpt-35-turbo !commented out",
        f"23 {deployment}.pictures.model.name = dall-e-3 !count = 0",
        "27 resource.aws_bedrockagent_agent.desk.foundation_model = <local.models.large>",
        "39 [terraform:google_cloud_run_v2_service.api] LLM_MODEL = (<var.override> | qwen-plus)",
        "43 [terraform:google_cloud_run_v2_service.api] EMBED_MODEL = (bge-m3 | bge-small)",
        "52 [terraform:aws_lambda_function.f] MODEL_ID = anthropic/<var.chat_model>",
        "60 [terraform:aws_ecs_task_definition.t] MODEL = glm-4",
    ):
        assert row in rows


def test_files_of_variables_overwrite_defaults() -> None:
    rows = tied(
        **{
            "infra/variables.tf": 'variable "m" {\n  default = "a"\n}\n'
            'variable "on" {\n  default = false\n}\n',
            "infra/terraform.tfvars": 'm = "b"\n',
            "infra/main.tf": 'resource "x" "y" {\n  count = var.on ? 1 : 0\n  model = var.m\n}\n'
            'resource "x" "z" {\n  count = var.on ? 0 : 1\n  model = "c"\n}\n',
        }
    )
    reason = "!var.on: false in the variables"
    assert rows == [
        "infra/variables.tf: 2 var.m = a !overwritten at infra/terraform.tfvars:1",
        "infra/variables.tf: 5 var.on = false",
        "infra/terraform.tfvars: 1 var.m = b",
        f"infra/main.tf: 2 resource.x.y.count = (1 | 0) {reason}",
        f"infra/main.tf: 3 resource.x.y.model = <var.m> {reason}",
        "infra/main.tf: 6 resource.x.z.count = (0 | 1)",
        "infra/main.tf: 7 resource.x.z.model = c",
    ]


def test_the_form_in_json() -> None:
    text = '{"variable": {"m": {"default": "a"}},\n "resource": {"x": {"y": {"model": "b"}}}}'
    assert said("main.tf.json", text) == ["1 var.m = a", "2 resource.x.y.model = b"]


@pytest.mark.parametrize("sign", ["[", "{", "(", "a {", 'a = "${', "/*", "a = <<E\n", "!", "a.b"])
def test_many_signs_end(sign: str) -> None:
    documents = read("a.tf", sign * 5_000)
    assert len(documents) == 1


def test_brackets_without_end_are_said() -> None:
    (document,) = read("a.tf", "a = " + "[" * 200)
    assert document.trouble == "nested deeper than 100"


FRAGMENTS = st.sampled_from(
    [
        'resource "a" "b" {',
        "}",
        'variable "c" {',
        "default = ",
        '"d"',
        "\n",
        "[",
        "]",
        "{",
        "var.e",
        "local.f",
        "? g : h",
        "count = 0",
        "env {",
        'name = "X"',
        'value = "${var.i}-j"',
        "<<EOT",
        "EOT",
        "# k = l",
        "jsonencode(",
        ")",
        ",",
        "=",
    ]
)


@given(st.lists(FRAGMENTS, max_size=25).map(" ".join))
@settings(deadline=None, max_examples=200)
def test_any_text_gives_a_document(text: str) -> None:
    (document,) = read_bytes("a.tf", text.encode())
    assert document.format == "terraform"
