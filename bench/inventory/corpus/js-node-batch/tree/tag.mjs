import { complete } from './lib/openrouter.mjs';

for (const line of (await new Response(process.stdin).text()).split('\n')) {
  console.log(line, await complete(`Three tags for: ${line}`));
}
