class Answer
  def self.call(question)
    client = OpenAI::Client.new
    response = client.chat(
      parameters: {
        model: LLM[:model],
        messages: [{ role: "user", content: question }]
      }
    )
    response.dig("choices", 0, "message", "content")
  end

  def self.embed(text)
    OpenAI::Client.new(uri_base: "https://api.openai.com/", access_token: ENV["OPENAI_KEY"]).embeddings(
      parameters: { model: ENV.fetch("EMBEDDING_MODEL", "text-embedding-3-large"), input: text }
    )
  end
end
