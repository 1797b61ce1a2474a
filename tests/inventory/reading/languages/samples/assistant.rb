require "openai"
require_relative "settings"

# DEFAULT_MODEL = "qwen-turbo"
module Shop
  DEFAULT_MODEL = "qwen-plus".freeze

  class Assistant < Base::Service
    MODELS = %w[qwen-plus qwen-max].freeze
    PRICES = { "qwen-plus" => "0.0008", max: "0.02" }.freeze
    setting :vision, default: "qwen-vl-max"
    attr_reader :model

    def initialize(model: ENV.fetch("CHAT_MODEL", "deepseek-chat"), host = "dashscope.aliyuncs.com")
      @model = model || DEFAULT_MODEL
      @client ||= OpenAI::Client.new(
        access_token: ENV["DASHSCOPE_API_KEY"],
        uri_base: "https://#{host}/compatible-mode"
      )
      @embedding = ENV["EMBEDDING_MODEL"] || "text-embedding-v3"
      @speech = ENV.fetch("SPEECH_MODEL") { "cosyvoice-v1" }
    end

    def ask(question, model = nil)
      model = "qwen-max" if model.nil?
      response = @client.chat(
        parameters: { model: model, messages: [{ role: "user", content: question }] }
      )
      response.dig("choices", 0)
    rescue Faraday::Error => e
      again(model: "qwen-turbo")
    end

    def pick(kind)
      if kind == "gpt-4"
        return "a"
      elsif kind.start_with?("gpt-")
        return "zai/" + kind
      end
      case kind
      when "draw", "paint" then "wanx-v1"
      else DEFAULT_MODEL
      end
    end

    def self.rerank = "gte-rerank"

    def prompt
      <<~TEXT
        You are the model #{model}.
      TEXT
    end
  end
end

RubyLLM.configure do |config|
  config.default_model = "glm-4-plus"
  config.openai_api_base = ENV.fetch("BASE_URL", "https://open.bigmodel.cn/api/paas/v4")
end

ENV["REGION"] ||= "cn-beijing"

RSpec.describe Shop::Assistant do
  it "answers" do
    described_class.new(model: "test-model").ask("x")
  end
end
