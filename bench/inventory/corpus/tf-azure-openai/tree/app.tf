resource "azurerm_container_app" "api" {
  name                         = "aspen-api"
  resource_group_name          = var.resource_group
  container_app_environment_id = var.environment_id
  revision_mode                = "Single"
  template {
    container {
      name   = "api"
      image  = "aspen.azurecr.io/api:12"
      cpu    = 0.5
      memory = "1Gi"
      env {
        name  = "AZURE_OPENAI_ENDPOINT"
        value = "https://aspen-ai.openai.azure.com/"
      }
      env {
        name  = "AZURE_OPENAI_DEPLOYMENT"
        value = "chat"
      }
    }
  }
}
