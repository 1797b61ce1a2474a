# frozen_string_literal: true

module LantanaAi
  class Toxicity
    URL = "https://api.openai.com/v1/moderations"

    def self.flagged?(post)
      return false unless SiteSetting.lantana_ai_toxicity_enabled

      response = Faraday.post(
        URL,
        { model: SiteSetting.lantana_ai_toxicity_model, input: post.raw }.to_json,
        "Content-Type" => "application/json",
        "Authorization" => "Bearer #{ENV.fetch("OPENAI_API_KEY")}",
      )
      JSON.parse(response.body).dig("results", 0, "flagged")
    end
  end
end
