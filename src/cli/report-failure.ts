import { errorMessage, type IsovecError } from '../shared/isovec-error.js';
import { terminalColumns } from './output/terminal-columns.js';
import { printableText } from './text/printable-text.js';
import { styleFor } from './text/style.js';
import { wrapText } from './text/wrap-text.js';

/** Prints why a command failed: a sentence with the code, or one JSON object. */
export async function reportFailure(
  error: IsovecError,
  stream: NodeJS.WriteStream,
  json: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { code, message, data } = error;
  if (json) {
    stream.write(`${JSON.stringify({ error: { code, message, data } })}\n`);
    return;
  }
  const sentence = `isovec: ${printableText(message)} [${code}]`;
  const wrapped = stream.isTTY ? wrapText(sentence, terminalColumns(stream, environment)) : sentence;
  const style = await styleFor(stream, environment);
  stream.write(`${wrapped.replace(/^isovec:/, style.red('isovec:'))}\n`);
  if (code === 'INTERNAL') {
    const { cause } = error;
    const trace = cause instanceof Error ? (cause.stack ?? errorMessage(cause)) : (error.stack ?? '');
    stream.write(`This is a defect in isovec; please report it with these lines:\n${trace}\n`);
  }
}
