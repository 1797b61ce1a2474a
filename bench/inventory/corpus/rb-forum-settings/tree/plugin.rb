# frozen_string_literal: true

# name: lantana-ai
# about: Summaries of long topics
# version: 0.4

enabled_site_setting :lantana_ai_enabled

after_initialize do
  require_relative "lib/lantana_ai/summarizer"
  require_relative "lib/lantana_ai/toxicity"

  on(:post_created) { |post| post.hide!(:inappropriate) if LantanaAi::Toxicity.flagged?(post) }
  add_to_serializer(:topic_view, :summary) { LantanaAi::Summarizer.new(object.topic).summarize }
end
