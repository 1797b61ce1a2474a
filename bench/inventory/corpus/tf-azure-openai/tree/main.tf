resource "azurerm_cognitive_account" "ai" {
  name                  = "aspen-ai"
  location              = "swedencentral"
  resource_group_name   = var.resource_group
  kind                  = "OpenAI"
  sku_name              = "S0"
  custom_subdomain_name = "aspen-ai"
}

resource "azurerm_cognitive_deployment" "chat" {
  name                 = "chat"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  model {
    format  = "OpenAI"
    name    = var.chat_model
    version = "2024-11-20"
  }
  sku {
    name     = "GlobalStandard"
    capacity = 50
  }
}

resource "azurerm_cognitive_deployment" "embedding" {
  name                 = "embedding"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  model {
    format = "OpenAI"
    name   = "text-embedding-3-large"
  }
  sku { name = "Standard" }
}

resource "azurerm_cognitive_deployment" "pictures" {
  count                = var.enable_pictures ? 1 : 0
  name                 = "pictures"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  model {
    format = "OpenAI"
    name   = "gpt-image-1"
  }
  sku { name = "Standard" }
}
