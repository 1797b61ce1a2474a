# frozen_string_literal: true

module LantanaAi
  class Summarizer
    def initialize(topic)
      @topic = topic
    end

    def summarize
      response = connection.post do |request|
        request.body = {
          model: SiteSetting.lantana_ai_summary_model,
          messages: [
            { role: "system", content: "用五句话总结这个话题。" },
            { role: "user", content: @topic.posts.pluck(:raw).join("\n\n") },
          ],
        }
      end
      response.body.dig("choices", 0, "message", "content")
    end

    private

    def connection
      Faraday.new(url: SiteSetting.lantana_ai_url) do |f|
        f.request :json
        f.request :authorization, "Bearer", SiteSetting.lantana_ai_api_key
        f.response :json
      end
    end
  end
end
