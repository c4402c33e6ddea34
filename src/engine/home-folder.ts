import { homedir } from 'node:os';

/** The user's home folder; the root of the file system for a user without one, as numbers in containers are. */
export function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
