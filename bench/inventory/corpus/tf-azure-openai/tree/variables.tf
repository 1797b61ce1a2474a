variable "resource_group" { type = string }
variable "environment_id" { type = string }
variable "chat_model" {
  type    = string
  default = "gpt-4o-mini"
}
variable "enable_pictures" {
  type    = bool
  default = false
}
