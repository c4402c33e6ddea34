import { z } from 'zod';
import type { CognitiveDimension } from '../../../memory/cognitive/cognitive-dimensions.js';
import type { MemoryKind, MemoryLevel } from '../../../memory/memory-record.js';
import { filterFields, type FilterInput } from '../../memory/filter-shapes.js';
import {
  contentShape,
  idShape,
  instantShape,
  kindShape,
  levelShape,
  limitShape,
  MAX_LIMIT,
  profileShape,
  queryShape,
  shareShape,
  tagsShape,
} from '../../memory/memory-shapes.js';
import { forgottenFields } from '../../memory/told-forgotten.js';
import { memoryFields, memoryShape } from '../../memory/told-memory.js';
import { bridgeShape, recalledShape } from '../../memory/told-recall.js';
import { statusFields } from '../../memory/told-status.js';

/** As many names as one request may bring: ids of a filter, ends of connections. */
const MAX_IDS = 1000;
/** Of a path, systems allow no more. */
const MAX_PATH = 4096;

const sourceShape = z
  .string()
  .min(1)
  .max(MAX_PATH)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters');
const idsShape = z.array(idShape).min(1).max(MAX_IDS);
const matchShape = z.enum(['any', 'all']);

const conditions = {
  ...filterFields,
  match: matchShape.optional().describe('Memories with any of the tags (default), or with all'),
  source: sourceShape.optional().describe('Memories of this source: the path that was loaded'),
};

/** A memory as POST /memory/remember takes it. */
export interface RememberInput {
  readonly content: string;
  readonly id?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly level?: MemoryLevel | undefined;
  readonly kind?: MemoryKind | undefined;
  readonly importance?: number | undefined;
  readonly strength?: number | undefined;
  readonly dimensions?: Partial<Record<CognitiveDimension, number>> | undefined;
  readonly sourceAt?: string | undefined;
  readonly parentId?: string | undefined;
}

/** What the body of POST /memory/remember says. */
export const rememberRequest: z.ZodType<{ readonly memories: readonly RememberInput[] }> = z
  .strictObject({
    memories: z
      .array(
        z.strictObject({
          content: contentShape.describe('The text'),
          id: idShape.optional().describe('A new one by default; a memory that has it is replaced'),
          tags: tagsShape.optional().describe('What it is about'),
          level: levelShape.optional().describe('0 a concept, 1 a context, 2 an episode (default)'),
          kind: kindShape.optional().describe('What happened (episodic, default) or what is known (semantic)'),
          importance: shareShape.optional().describe('From 0 to 1; 0.5 by default'),
          strength: shareShape.optional().describe('How firm it is, from 0 to 1; 0.5 by default'),
          dimensions: profileShape.optional().describe('In place of what is read from the text'),
          sourceAt: instantShape.optional().describe('When what it tells of happened, or was written'),
          parentId: idShape.optional().describe('The memory that it is a part of'),
        }),
      )
      .min(1)
      .describe('All of them are remembered, or none.'),
  })
  .meta({ examples: [{ memories: [{ content: 'The gateway moved to the blue slot.', tags: ['deploy'] }] }] });

/** The answer of POST /memory/remember. */
export const rememberResponse: z.ZodType = z.object({ memories: z.array(memoryShape) }).meta({ id: 'Remembered' });

/** What the body of POST /memory/recall says. */
export interface RecallRequest extends FilterInput {
  readonly query: string;
  readonly limit: number;
  readonly dimensions?: Partial<Record<CognitiveDimension, number>> | undefined;
  readonly touch: boolean;
}

export const recallRequest: z.ZodType<RecallRequest> = z
  .strictObject({
    query: queryShape.describe('A question or topic'),
    limit: limitShape.default(10).describe('Most memories of each group'),
    ...conditions,
    dimensions: profileShape.optional().describe('Draws memories of a mood, time or setting nearer; excludes none'),
    touch: z.boolean().default(true).describe('Whether this counts as an access of the core'),
  })
  .meta({ examples: [{ query: 'Where is the gateway?', limit: 5 }] });

/** The answer of POST /memory/recall. */
export const recallResponse: z.ZodType = z
  .object({
    core: z.array(recalledShape).describe('What fits best'),
    peripheral: z.array(recalledShape).describe('What is near'),
    bridges: z.array(bridgeShape).describe('What is far from the query and near to the memories above'),
    nearest: z.array(recalledShape).describe('Where core and peripheral are empty, what came nearest to them'),
  })
  .meta({ id: 'Recall' });

/** What the body of POST /memory/list says. */
export interface ListRequest extends FilterInput {
  readonly ids?: readonly string[] | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

export const listRequest: z.ZodType<ListRequest> = z
  .strictObject({
    ids: idsShape.optional(),
    ...conditions,
    limit: limitShape.default(20).describe(`Most memories of the page, up to ${MAX_LIMIT}`),
    after: idShape.optional().describe('`next` of the page before'),
  })
  .meta({ examples: [{ kinds: ['episodic'], limit: 20 }] });

/** The answer of POST /memory/list. */
export const listResponse: z.ZodType = z
  .object({
    memories: z.array(memoryShape).describe('In the order of their ids'),
    next: z.string().optional().describe('What `after` is for the next page; absent in the last one'),
  })
  .meta({ id: 'MemoryPage' });

/** The answer of GET /memory/records/{id}. */
export const recordResponse: z.ZodType = z
  .object({
    ...memoryFields,
    dimensions: z.record(z.string(), z.number()).describe('What was read from the text, each from 0 to 1'),
    strength: z.number(),
    parentId: z.string().optional(),
    modifiedAt: z.string(),
    accessedAt: z.string().optional(),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'MemoryRecord' });

/** A connection as POST /memory/relate takes it. */
export interface RelateInput {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly weight: number;
  readonly bidirectional: boolean;
}

/** What the body of POST /memory/relate says. */
export const relateRequest: z.ZodType<{ readonly connections: readonly RelateInput[] }> = z
  .strictObject({
    connections: z
      .array(
        z.strictObject({
          from: idShape,
          to: idShape,
          type: z
            .string()
            .min(1)
            .max(64)
            .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters')
            .default('related'),
          weight: shareShape.default(1),
          bidirectional: z.boolean().default(true).describe('Whether it leads back, too'),
        }),
      )
      .min(1)
      .max(MAX_IDS)
      .describe('One with the ends and the type of another replaces it.'),
  })
  .meta({ examples: [{ connections: [{ from: 'one', to: 'two', type: 'explains' }] }] });

/** The answer of POST /memory/relate. */
export const relateResponse: z.ZodType = z
  .object({
    connections: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        type: z.string(),
        weight: z.number(),
        bidirectional: z.boolean(),
        createdAt: z.string(),
      }),
    ),
  })
  .meta({ id: 'Connections' });

/** What the body of POST /memory/forget says. */
export interface ForgetRequest extends Pick<FilterInput, 'tags' | 'match' | 'source'> {
  readonly ids?: readonly string[] | undefined;
  readonly confirm: boolean;
}

export const forgetRequest: z.ZodType<ForgetRequest> = z
  .strictObject({
    ids: idsShape.optional(),
    tags: tagsShape.min(1).optional(),
    match: matchShape.default('all').describe('Memories with any of the tags, or with all'),
    source: sourceShape.optional().describe('All memories of this source'),
    confirm: z.boolean().default(false).describe('true deletes; without it, the answer says what would be deleted'),
  })
  .describe('Memories that meet all conditions, of which there must be one.')
  .meta({ examples: [{ tags: ['deploy'] }] });

/** The answer of POST /memory/forget. */
export const forgetResponse: z.ZodType = z.object(forgottenFields).meta({ id: 'Forgotten' });

/** The answer of GET /memory/status. */
export const memoryStatusResponse: z.ZodType = z
  .object({
    ...statusFields,
    store: z.string().describe('What kind of store it is'),
    model: z.string().describe('The served model that makes its vectors'),
    dimensions: z.int().describe('Of its vectors'),
  })
  .meta({ id: 'MemoryStatus' });
