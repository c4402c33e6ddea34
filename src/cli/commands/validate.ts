import type { Command } from 'commander';
import type { CommandRunner } from '../command-context.js';

export function defineValidate(program: Command, _run: CommandRunner): void {
  program.command('validate');
}
