import { Agent } from "@mastra/core/agent";
import { bailian } from "../models";

export const criticAgent = new Agent({
  name: "Critic",
  instructions: "检查行程里不合理的时间安排。",
  model: bailian("deepseek-r1-0528"),
});
