import { z } from 'zod';
import type { MemoryInput } from '../../../memory/memory-input.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { filterOf } from '../../memory/filter-shapes.js';
import { idShape } from '../../memory/memory-shapes.js';
import { toldForgotten } from '../../memory/told-forgotten.js';
import { isoTime, toldMemory } from '../../memory/told-memory.js';
import { toldBridge, toldRecalled } from '../../memory/told-recall.js';
import { toldStatus } from '../../memory/told-status.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { callHeaders } from '../schemas/call-headers.js';
import {
  forgetRequest,
  forgetResponse,
  listRequest,
  listResponse,
  memoryStatusResponse,
  recallRequest,
  recallResponse,
  recordResponse,
  relateRequest,
  relateResponse,
  type RememberInput,
  rememberRequest,
  rememberResponse,
} from '../schemas/memory.js';
import { sendJson } from '../send-json.js';

const RECORDS = 'memory/records/';

/** POST /memory/remember, /recall, /list, /relate and /forget; GET /memory/records/{id} and /memory/status. */
export function memoryRoutes(app: HttpApp, service: HttpService): void {
  recallRoutes(app, service);
  changeRoutes(app, service);
  recordRoutes(app, service);
}

/** Routes that embed. */
function recallRoutes(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/memory/remember',
    schema: {
      tags: ['Memory'],
      operationId: 'remember',
      summary: 'Remember texts',
      body: rememberRequest,
      headers: callHeaders,
      response: { 200: rememberResponse },
    },
    handler: async (request, reply) => {
      const inputs = service.checkCount(request.body.memories).map(inputOf);
      const records = await service.withMemory(request, reply, (memory, signal) => memory.remember(inputs, { signal }));
      return sendJson(reply, { memories: records.map((record) => toldMemory(record, uriOf)) });
    },
  });
  app.route({
    method: 'POST',
    url: '/memory/recall',
    schema: {
      tags: ['Memory'],
      operationId: 'recall',
      summary: 'What a query brings to mind, with the parts of every score',
      body: recallRequest,
      headers: callHeaders,
      response: { 200: recallResponse },
    },
    handler: async (request, reply) => {
      const { query, limit, dimensions = {}, touch, ...filter } = request.body;
      const { core, peripheral, bridges, nearest } = await service.withMemory(request, reply, (memory, signal) =>
        memory.recall(query, { ...filterOf(filter), limit, dimensions, touch, signal }),
      );
      return sendJson(reply, {
        core: core.map((one) => toldRecalled(one, uriOf)),
        peripheral: peripheral.map((one) => toldRecalled(one, uriOf)),
        bridges: bridges.map((one) => toldBridge(one, uriOf)),
        nearest: nearest.map((one) => toldRecalled(one, uriOf)),
      });
    },
  });
}

/** Routes that change what is there. */
function changeRoutes(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/memory/relate',
    schema: {
      tags: ['Memory'],
      operationId: 'relate',
      summary: 'Connect memories',
      body: relateRequest,
      response: { 200: relateResponse },
    },
    handler: async (request, reply) => {
      const { connections } = request.body;
      const made = await service.withMemory(request, reply, (memory) => memory.relate(connections));
      return { connections: made.map(({ createdAt, ...one }) => ({ ...one, createdAt: isoTime(createdAt) })) };
    },
  });
  app.route({
    method: 'POST',
    url: '/memory/forget',
    schema: {
      tags: ['Memory'],
      operationId: 'forget',
      summary: 'Forget memories, or say which would be forgotten',
      body: forgetRequest,
      response: { 200: forgetResponse },
    },
    handler: async (request, reply) => {
      const { ids, confirm, tags, match, source } = request.body;
      const filter = { ...filterOf({ tags, match, source }), ...(ids !== undefined && { ids }) };
      const report = await service.withMemory(request, reply, (memory) => memory.forget(filter, { dryRun: !confirm }));
      // A mistyped id must not look as if it were forgotten.
      if (ids !== undefined && report.removed.length === 0) {
        throw new IsovecError('NOT_FOUND', 'No memory with these ids meets the conditions.');
      }
      return toldForgotten(report);
    },
  });
}

/** Routes that tell what is there. */
function recordRoutes(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/memory/list',
    schema: {
      tags: ['Memory'],
      operationId: 'listMemories',
      summary: 'Memories that meet conditions, page by page',
      body: listRequest,
      response: { 200: listResponse },
    },
    handler: async (request, reply) => {
      const { ids, limit, after = '', ...conditions } = request.body;
      const filter = { ...filterOf(conditions), ...(ids !== undefined && { ids }) };
      // One more than a page says whether there is another.
      const found = await service.withMemory(request, reply, ({ store }) =>
        store.list({ filter, after, limit: limit + 1 }),
      );
      const page = found.slice(0, limit);
      return sendJson(reply, {
        memories: page.map((record) => toldMemory(record, uriOf)),
        next: found.length > limit ? page.at(-1)?.id : undefined,
      });
    },
  });
  app.route({
    method: 'GET',
    url: `/${RECORDS}*`,
    config: { wildcard: 'id' },
    schema: {
      tags: ['Memory'],
      operationId: 'getMemory',
      summary: 'All of one memory',
      params: z.object({ '*': idShape.describe('Its id, percent-encoded.') }),
      response: { 200: recordResponse },
    },
    handler: async (request, reply) => {
      const id = request.params['*'];
      const [record] = await service.withMemory(request, reply, (memory) => memory.get([id]));
      if (record === undefined) throw new IsovecError('NOT_FOUND', `There is no memory ${JSON.stringify(id)}.`);
      const { strength, parentId, modifiedAt, accessedAt, dimensions, metadata } = record;
      return {
        ...toldMemory(record, uriOf),
        dimensions,
        strength,
        parentId,
        modifiedAt: isoTime(modifiedAt),
        accessedAt: accessedAt === undefined ? undefined : isoTime(accessedAt),
        metadata,
      };
    },
  });
  app.route({
    method: 'GET',
    url: '/memory/status',
    schema: {
      tags: ['Memory'],
      operationId: 'memoryStatus',
      summary: 'What the memory holds, and which model makes its vectors',
      response: { 200: memoryStatusResponse },
    },
    handler: async (request, reply) => {
      const { status, store } = await service.withMemory(request, reply, async (memory) => ({
        status: await memory.status(),
        store: memory.store,
      }));
      const { kind, space } = store;
      return {
        ...toldStatus(status),
        store: kind,
        model: service.memory?.modelName,
        dimensions: space.dimensions,
      };
    },
  });
}

/** Where a memory is, below the server's root. */
function uriOf(id: string): string {
  return RECORDS + encodeURIComponent(id);
}

function inputOf({ sourceAt, ...input }: RememberInput): MemoryInput {
  const known = Object.entries(input).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(known) as Pick<MemoryInput, 'content'>),
    ...(sourceAt !== undefined && { sourceAt: Date.parse(sourceAt) }),
  };
}
