import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { Memory } from '#src/memory/memory.js';
import { createMcpServer } from '#src/server/mcp/create-mcp-server.js';
import { loadMcpSdk } from '#src/server/mcp/load-sdk.js';
import { emptyMemory, wordEmbedder } from './support/agent-service.js';

interface Connected {
  readonly client: Client;
  readonly memory: Memory;
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<CallToolResult>;
}

/** A client that has read the list of tools, so that it checks every answer against the output schema. */
async function connect(): Promise<Connected> {
  const memory = emptyMemory();
  const server = createMcpServer(await loadMcpSdk(), { memory, embedder: wordEmbedder }, '1.2.3');
  const client = new Client({ name: 'test', version: '0' });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  onTestFinished(() => client.close());
  await client.listTools();
  return {
    client,
    memory,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as CallToolResult,
  };
}

function textOf(result: CallToolResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

describe('the MCP server', () => {
  it('says what it is and what it offers', async () => {
    const { client } = await connect();
    expect(client.getServerVersion()).toEqual({ name: 'isovec', version: '1.2.3' });
    expect(client.getInstructions()).toContain('never instructions');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'store_memory',
      'session_lessons',
      'recall_memories',
      'memory_status',
      'delete_memory',
      'delete_memories_by_tags',
      'embed',
      'similarity',
    ]);
    for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
      expect({ name, description }).toEqual({ name, description: expect.stringMatching(/^[A-Z].*\.$/) as string });
      expect(inputSchema['additionalProperties'], name).toBe(false);
      // Clients in other languages compile these, too.
      expect(JSON.stringify(inputSchema), name).not.toMatch(/\\\\[pP]\{/);
      expect(outputSchema?.type, name).toBe('object');
      expect(annotations?.readOnlyHint, name).toBe(/recall|status|embed|similarity/.test(name));
      expect(annotations?.destructiveHint ?? false, name).toBe(name.startsWith('delete'));
    }
  });

  it('stores memories and recalls them with scores, excerpts and where they are', async () => {
    const { call } = await connect();
    const stored = await call('store_memory', {
      content: 'Deploys fail on Fridays',
      tags: ['deploy'],
      importance: 0.9,
    });
    expect(textOf(stored)).toMatch(/^Stored as .+, tagged deploy\.$/);
    await call('store_memory', { content: 'Bread needs salt' });
    const recalled = await call('recall_memories', { query: 'deploys on fridays', limit: 1 });
    const { memory } = stored.structuredContent as { memory: { id: string; uri: string } };
    expect(recalled.structuredContent).toMatchObject({
      core: [
        {
          memory: { id: memory.id, uri: `memory://record/${memory.id}`, content: 'Deploys fail on Fridays', level: 2 },
          parts: { importance: expect.closeTo(0.27) as number },
        },
      ],
    });
    expect(textOf(recalled)).toMatch(/^Core:\n- Deploys fail on Fridays\n {2}\(1\.\d\d, \d{4}-\d\d-\d\d, deploy; .+\)/);
  });

  it('recalls by tags, levels and time, and says when nothing comes to mind', async () => {
    const { call } = await connect();
    await call('store_memory', { content: 'alpha beta', tags: ['x'], level: 0 });
    const count = async (args: object): Promise<number> => {
      const { structuredContent } = await call('recall_memories', { query: 'alpha beta', ...args });
      return (structuredContent?.['core'] as unknown[]).length;
    };
    expect(await count({ tags: ['x'], levels: [0], kinds: ['episodic'], since: '2020-01-01' })).toBe(1);
    for (const none of [{ tags: ['y'] }, { levels: [1] }, { kinds: ['semantic'] }, { until: '2020-01-01T00:00:00Z' }]) {
      expect(await count(none)).toBe(0);
    }
    expect(textOf(await call('recall_memories', { query: 'alpha', tags: ['y'] }))).toBe('Nothing comes to mind.');
  });

  it('stores lessons as knowledge', async () => {
    const { call } = await connect();
    const result = await call('session_lessons', {
      lesson: 'Run the gates first',
      type: 'warning',
      importance: 'high',
    });
    expect(result.structuredContent).toMatchObject({
      memory: { level: 1, kind: 'semantic', importance: 0.8, tags: ['lesson', 'warning'] },
    });
  });

  it('tells what the memory holds', async () => {
    const { call, memory } = await connect();
    await memory.remember([
      { content: 'a', source: { path: 'notes.md', type: 'markdown' } },
      { content: 'b', level: 0 },
    ]);
    const status = await call('memory_status');
    expect(status.structuredContent).toMatchObject({
      records: 2,
      byLevel: { concepts: 1, contexts: 0, episodes: 1 },
      sources: [{ path: 'notes.md', type: 'markdown', records: 1 }],
    });
    expect(textOf(status)).toContain('2 memories (1 concepts, 0 contexts, 1 episodes)');
  });

  it('deletes a memory only when that is confirmed', async () => {
    const { call, memory } = await connect();
    const [record] = await memory.remember(['wrong']);
    const id = record?.id ?? '';
    for (const args of [{ id }, { id, confirm: false }]) {
      const shown = await call('delete_memory', args);
      expect(shown.structuredContent).toMatchObject({ deleted: false, count: 1, memories: [{ id, content: 'wrong' }] });
      expect(textOf(shown)).toMatch(/^Would delete 1 memory; nothing was deleted yet\..*confirm: true/s);
    }
    expect((await memory.status()).records).toBe(1);
    expect(await call('delete_memory', { id, confirm: true })).toMatchObject({ structuredContent: { deleted: true } });
    expect((await memory.status()).records).toBe(0);
    const again = await call('delete_memory', { id, confirm: true });
    expect(again).toMatchObject({ isError: true, _meta: { 'isovec/error': { code: 'NOT_FOUND', retryable: false } } });
    expect(textOf(again)).toMatch(/^NOT_FOUND: There is no memory/);
  });

  it('deletes by tags, all of them or any, only when that is confirmed', async () => {
    const { call, memory } = await connect();
    await memory.remember([
      { content: 'one', tags: ['a'] },
      { content: 'two', tags: ['a', 'b'] },
      { content: 'three', tags: ['b'] },
    ]);
    const count = async (args: object): Promise<unknown> =>
      (await call('delete_memories_by_tags', { tags: ['a', 'b'], ...args })).structuredContent?.['count'];
    expect([await count({}), await count({ match: 'any' }), await count({ tags: ['c'], confirm: true })]).toEqual([
      1, 3, 0,
    ]);
    expect((await memory.status()).records).toBe(3);
    expect(await count({ confirm: true })).toBe(1);
    expect((await memory.status()).records).toBe(2);
  });

  it('embeds and compares texts', async () => {
    const { call } = await connect();
    const { structuredContent } = await call('embed', { texts: ['one', 'two'] });
    const { vectors, ...rest } = structuredContent as { vectors: number[][] };
    expect(rest).toEqual({ model: 'words', dimensions: 64 });
    expect(vectors.map(({ length }) => length)).toEqual([64, 64]);
    const compared = await call('similarity', { text: 'red apple', others: ['red apple', 'cold snow'] });
    const { scores } = compared.structuredContent as { scores: number[] };
    expect(scores[0]).toBeCloseTo(1);
    expect(scores[1]).toBeLessThan(0.6);
    expect(textOf(compared)).toMatch(/^1\.0000 {2}red apple\n0\.\d{4} {2}cold snow$/);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['store_memory', {}, 'content'],
    ['store_memory', { content: ' \n' }, 'must not be blank'],
    ['store_memory', { content: 'x'.repeat(100_001) }, 'content'],
    ['store_memory', { content: 'x', tags: ['a\nb'] }, 'must not hold control characters'],
    ['store_memory', { content: 'x', tags: Array(101).fill('t') }, 'tags'],
    ['store_memory', { content: 'x', importance: 2 }, 'importance'],
    ['store_memory', { content: 'x', level: 3 }, 'level'],
    ['store_memory', { content: 'x', id: 'mine' }, 'id'],
    ['recall_memories', { query: 'x', limit: 1e9 }, 'limit'],
    ['recall_memories', { query: 'x', since: 'yesterday' }, 'since'],
    ['recall_memories', { query: { $gt: '' } }, 'query'],
    ['delete_memory', { id: ['a', 'b'] }, 'id'],
    ['delete_memory', { id: 'a', confirm: 'true' }, 'confirm'],
    ['delete_memories_by_tags', { tags: [], confirm: true }, 'tags'],
    ['delete_memories_by_tags', { confirm: true }, 'tags'],
    ['memory_status', { verbose: true }, 'verbose'],
    ['embed', { texts: Array(65).fill('x') }, 'texts'],
    ['embed', { texts: Array(20_000).fill('x') }, 'maximum of 10000 elements'],
    ['similarity', { text: 'x', others: 'y' }, 'others'],
    ['constructor', {}, 'constructor'],
  ])('answers hostile arguments of %s with an error of the schema: %#', async (name, args, rule) => {
    const { call, memory } = await connect();
    await memory.remember([{ content: 'kept', tags: ['a'] }]);
    const result = await call(name, args);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(rule);
    expect((await memory.status()).records).toBe(1);
  });

  it('tells errors of the memory as results with their code', async () => {
    const { call, memory } = await connect();
    expect(await call('store_memory', { content: 'half \ud800' })).toMatchObject({
      isError: true,
      _meta: { 'isovec/error': { code: 'INPUT_INVALID' } },
    });
    await memory.close();
    const result = await call('recall_memories', { query: 'x' });
    expect(textOf(result)).toMatch(/^CLOSED: /);
    expect(result.structuredContent).toBeUndefined();
  });

  it('gives memories as resources, whatever their ids', async () => {
    const { client, memory } = await connect();
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toMatchObject([{ uriTemplate: 'memory://record/{id}', mimeType: 'application/json' }]);
    for (const id of [
      'plain',
      'a/b?c#d',
      'ä 語 %41',
      '../x',
      'a,b',
      '...',
      '.. ',
      '%2e',
      '%2e%2e',
      '\\..',
      '{id}',
      "$&'",
    ]) {
      await memory.remember([{ content: `of ${id}`, id }]);
      const uri = `memory://record/${encodeURIComponent(id)}`;
      const { contents } = await client.readResource({ uri });
      const [content] = contents;
      if (content === undefined || !('text' in content)) throw new Error('no text came');
      expect(JSON.parse(content.text)).toMatchObject({ id, content: `of ${id}` });
    }
  });

  it('says that a resource is not there, or has no valid address', async () => {
    const { client } = await connect();
    await expect(client.readResource({ uri: 'memory://record/none' })).rejects.toMatchObject({
      code: -32_002,
      message: expect.stringContaining('There is no memory memory://record/none') as string,
    });
    await expect(client.readResource({ uri: 'memory://record/%ff' })).rejects.toMatchObject({ code: -32_602 });
    await expect(client.readResource({ uri: 'file:///etc/passwd' })).rejects.toMatchObject({ code: -32_602 });
  });
});
