import { Agent } from "@mastra/core/agent";
import { defaultModel } from "../models";
import { trainTool } from "../tools/trains";

export const itineraryAgent = new Agent({
  name: "Itinerary",
  instructions: "你是旅行社的行程规划师，先查车次再排行程。",
  model: defaultModel,
  tools: { trainTool },
});
