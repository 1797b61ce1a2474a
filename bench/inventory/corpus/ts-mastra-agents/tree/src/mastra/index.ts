import { Mastra } from "@mastra/core/mastra";
import { criticAgent } from "./agents/critic";
import { itineraryAgent } from "./agents/itinerary";

export const mastra = new Mastra({ agents: { itineraryAgent, criticAgent } });
