import { readFile, writeFile } from 'node:fs/promises';

import { complete } from './lib/openrouter.mjs';

const ORG = 'qwen';
const SIZE = '72b';

export async function translate(text, model = `${ORG}/qwen-2.5-${SIZE}-instruct`) {
  return complete(`Translate into German: ${text}`, { model });
}

for (const name of process.argv.slice(2)) {
  await writeFile(`${name}.de`, await translate(await readFile(name, 'utf8')));
}
