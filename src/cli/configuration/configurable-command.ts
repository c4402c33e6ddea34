import process from 'node:process';
import { Command, type ParseOptionsResult } from 'commander';
import { homeFolder } from '../../engine/home-folder.js';
import { resolveFlags, type Surroundings } from './resolve-flags.js';

/**
 * A command whose flags have environment variables and keys of a configuration file, too. The values are filled in
 * between parsing and commander's own checks, so that a required flag may come from anywhere.
 */
export class ConfigurableCommand extends Command {
  override createCommand(name?: string): ConfigurableCommand {
    return new ConfigurableCommand(name);
  }

  override parseOptions(args: string[]): ParseOptionsResult {
    const parsed = super.parseOptions(args);
    // Help is given whatever else is wrong.
    const asksForHelp = parsed.unknown.some((arg) => arg === '--help' || arg === '-h');
    if (this.parent !== null && this.commands.length === 0 && !asksForHelp) resolveFlags(this, processSurroundings());
    return parsed;
  }
}

/** The surroundings of this process. */
export function processSurroundings(): Surroundings {
  return { environment: process.env, workingFolder: workingFolder(), homeFolder: homeFolder() };
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
