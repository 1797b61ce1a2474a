locals {
  foundation = {
    default = "anthropic.claude-3-haiku-20240307-v1:0"
    prod    = "anthropic.claude-3-5-sonnet-20241022-v2:0"
  }
}

resource "aws_bedrockagent_agent" "desk" {
  agent_name              = "desk"
  agent_resource_role_arn = aws_iam_role.agent.arn
  foundation_model        = local.foundation["prod"]
  instruction             = "You answer questions about waste collection in the district."
}

resource "aws_bedrockagent_knowledge_base" "rules" {
  name     = "rules"
  role_arn = aws_iam_role.agent.arn
  knowledge_base_configuration {
    type = "VECTOR"
    vector_knowledge_base_configuration {
      embedding_model_arn = "arn:aws:bedrock:eu-west-1::foundation-model/cohere.embed-multilingual-v3"
    }
  }
  storage_configuration {
    type = "OPENSEARCH_SERVERLESS"
  }
}

resource "aws_iam_role" "agent" {
  name               = "desk-agent"
  assume_role_policy = "{}"
}
