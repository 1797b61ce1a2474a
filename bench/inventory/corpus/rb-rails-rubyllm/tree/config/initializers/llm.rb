LLM = Rails.application.config_for(:llm)

OpenAI.configure do |config|
  config.access_token = ENV.fetch("LLM_TOKEN")
  config.uri_base = LLM[:uri_base]
end
