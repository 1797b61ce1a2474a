import { createTool } from "@mastra/core/tools";
import { z } from "zod";

export const trainTool = createTool({
  id: "trains",
  description: "Timetable between two stations",
  inputSchema: z.object({ from: z.string(), to: z.string(), date: z.string() }),
  execute: async ({ context }) => {
    const url = `https://rail.tern.example/api/v2/trains?from=${context.from}&to=${context.to}&date=${context.date}`;
    return (await fetch(url)).json();
  },
});
