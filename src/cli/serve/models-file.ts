import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Device, DEVICES, type ProviderChoice, PROVIDER_CHOICES } from '../../engine/provider-choice.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';

/** A model that is to be served, and how; what is left out is as the flags say. */
export interface ModelEntry {
  /** As on the command line: org/name[@revision], a folder or wheel:PACKAGE==VERSION. */
  readonly model: string;
  /** What requests call it; its id by default. */
  readonly name?: string | undefined;
  readonly dtype?: 'float32' | 'int8' | undefined;
  readonly calibration?: string | undefined;
  readonly threads?: number | undefined;
  /** Who computes, and where. */
  readonly provider?: ProviderChoice | undefined;
  readonly device?: Device | undefined;
  /** Whether the first request for it loads it. */
  readonly lazy?: boolean | undefined;
}

const modelsFile: z.ZodType<{ readonly models: readonly ModelEntry[] }> = z.strictObject({
  $schema: z.string().optional(),
  models: z
    .array(
      z.strictObject({
        model: z.string().min(1),
        name: z.string().min(1).max(500).optional(),
        dtype: z.enum(['float32', 'int8']).optional(),
        calibration: z.string().min(1).optional(),
        threads: z.int().min(1).max(1024).optional(),
        provider: z.enum(PROVIDER_CHOICES).optional(),
        device: z.enum(DEVICES).optional(),
        lazy: z.boolean().optional(),
      }),
    )
    .min(1),
});

/** Reads a list of models to serve. CONFIG_INVALID names the file, the place in it and the rule. */
export async function readModelsFile(file: string): Promise<readonly ModelEntry[]> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new IsovecError('CONFIG_INVALID', `The list of models ${file} cannot be read: ${errorMessage(cause)}.`, {
      cause,
    });
  }
  const result = modelsFile.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw new IsovecError('CONFIG_INVALID', `${file}: ${place === '' ? 'the list' : place}: ${issue?.message ?? ''}.`);
  }
  return result.data.models.map((entry) => located(entry, path.dirname(file)));
}

/** Folders and files are beside the list, wherever the server is started. */
function located({ model, calibration, ...entry }: ModelEntry, folder: string): ModelEntry {
  const place = (name: string): string => (/^\.{1,2}[/\\]/.test(name) ? path.resolve(folder, name) : name);
  return { ...entry, model: place(model), ...(calibration === undefined ? {} : { calibration: place(calibration) }) };
}
