import type { VercelRequest, VercelResponse } from "@vercel/node";

export default async function handler(req: VercelRequest, res: VercelResponse) {
  const response = await fetch("https://api.siliconflow.cn/v1/images/generations", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${process.env.SILICONFLOW_API_KEY}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({
      model: "Kwai-Kolors/Kolors",
      prompt: req.body.title,
      image_size: "1024x1024",
      batch_size: 1,
    }),
  });
  const data = await response.json();
  return res.json({ url: data.images[0].url });
}
