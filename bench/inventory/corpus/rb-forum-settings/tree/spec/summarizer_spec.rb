# frozen_string_literal: true

describe LantanaAi::Summarizer do
  fab!(:topic)

  before { SiteSetting.lantana_ai_summary_model = "Baichuan3-Turbo" }

  it "sends the model of the setting" do
    stub = stub_request(:post, SiteSetting.lantana_ai_url).with(body: hash_including(model: "Baichuan3-Turbo"))
    described_class.new(topic).summarize
    expect(stub).to have_been_requested
  end
end
