namespace :answers do
  desc "Grade yesterday's answers"
  task grade: :environment do
    client = OpenAI::Client.new
    Answer.where(graded: false).each do |answer|
      client.chat(parameters: { model: "claude-opus-4-0", messages: [{ role: "user", content: answer.text }] })
    end
  end
end
