import { Command, Option } from 'commander';

import { ask } from './ask.js';

const program = new Command();
program
  .argument('<question>')
  .addOption(new Option('-f, --format <format>', 'output').choices(['text', 'json']).default('text'))
  .action(async (question, options) => {
    console.log(await ask(question, options.format));
  });
program.parse();
