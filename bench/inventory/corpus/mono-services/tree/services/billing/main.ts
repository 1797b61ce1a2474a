const model = process.env.MODEL ?? 'invoice-v1';

export function total(lines: { price: number; count: number }[]): { model: string; total: number } {
  return { model, total: lines.reduce((sum, line) => sum + line.price * line.count, 0) };
}
