import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { parseDuration } from '#src/cli/parse-duration.js';
import { GRPC_PORT } from '#src/cli/serve/serve.js';
import { HTTP_PORT } from '#src/server/start-server.js';
import { deployPath, yamlOf } from './support/deploy-file.js';
import { expectVariables, secondsToEnd } from './support/serve-variables.js';

/** Without the address of its draft, which ajv knows by another and takes where none is named. */
const SCHEMA = Object.fromEntries(
  Object.entries(
    z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(readFileSync(new URL('../fixtures/compose-spec/compose-spec.json', import.meta.url), 'utf8'))),
  ).filter(([name]) => name !== '$schema'),
);
const FILES = readdirSync(deployPath('compose')).filter((name) => name.endsWith('.yaml'));

const environment = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const secret = z.union([z.string(), z.strictObject({ source: z.string(), target: z.string() })]);
const service = z.looseObject({
  image: z.string().optional(),
  extends: z.strictObject({ file: z.string(), service: z.string() }).optional(),
  environment: environment.default({}),
  secrets: z.array(secret).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
});
const project = z.strictObject({
  name: z.literal('isovec'),
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  networks: z.record(z.string(), z.unknown()).default({}),
  volumes: z.record(z.string(), z.unknown()).default({}),
  configs: z.record(z.string(), z.unknown()).default({}),
});

type Service = z.infer<typeof service>;

function projectOf(file: string) {
  return project.parse(yamlOf(`compose/${file}`));
}

/** The server of a file, with what it has from the one that it extends. */
function serverOf(file: string): Service {
  const own = projectOf(file).services['isovec'];
  if (own === undefined) throw new Error(`${file} has no service isovec`);
  if (own.extends === undefined) return own;
  const base = serverOf(own.extends.file);
  return {
    ...base,
    ...own,
    healthcheck: own.healthcheck ?? base.healthcheck,
    environment: { ...base.environment, ...own.environment },
    secrets: [...base.secrets, ...own.secrets],
  };
}

it('there are the server alone, with Qdrant and with PostgreSQL', () => {
  expect(FILES).toEqual(['compose.postgresql.yaml', 'compose.qdrant.yaml', 'compose.yaml']);
});

it.each(FILES)('%s is what the specification of compose allows', (file) => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(SCHEMA);
  validate(yamlOf(`compose/${file}`));
  expect(validate.errors).toBeNull();
});

describe.each(FILES)('%s', (file) => {
  const server = serverOf(file);
  const { services, secrets, networks, volumes, configs } = projectOf(file);

  it('sets what isovec serve reads, to values that it takes', () => {
    expectVariables(server.environment);
    expect(server.environment).toMatchObject({ ISOVEC_PORT: String(HTTP_PORT), ISOVEC_GRPC_PORT: String(GRPC_PORT) });
  });

  it('publishes its ports on this machine, and gives it time to end', () => {
    expect(server['ports']).toEqual([HTTP_PORT, GRPC_PORT].map((port) => `127.0.0.1:${port}:${port}`));
    expect(parseDuration(z.string().parse(server['stop_grace_period']))).toBeGreaterThanOrEqual(
      secondsToEnd(server.environment) * 1000,
    );
  });

  it('runs it as nobody, on a file system that it cannot write but where it must', () => {
    expect(server).toMatchObject({
      user: '65532:65532',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(server.image).toMatch(/^\$\{ISOVEC_IMAGE:\?/);
    expect(server['tmpfs']).toEqual([expect.stringMatching(/^\/tmp:/)]);
    const { ISOVEC_MEMORY: memory = '' } = server.environment;
    const mounts = server.volumes.map((volume) => volume.split(':')[1] ?? '');
    if (memory.startsWith('/')) expect(mounts.some((mount) => memory.startsWith(`${mount}/`))).toBe(true);
  });

  it('has secrets in files alone, and every one that a variable names', () => {
    const mounted = server.secrets.map((one) => (typeof one === 'string' ? `/run/secrets/${one}` : one.target));
    const named = Object.entries(server.environment).filter(([name]) => name.endsWith('_FILE'));
    expect(named.map(([, place]) => place).sort()).toEqual([...mounted].sort());
    for (const { environment: variables } of Object.values(services)) {
      expect(Object.keys(variables).filter((name) => /(KEYS?|PASSWORD|TOKEN)$/.test(name))).toEqual([]);
      expect(Object.values(variables).join(' ')).not.toMatch(/\/\/[^/\s@]*:[^/\s@]*@/);
    }
  });

  it('declares all that its services name, waits for the others, and asks whether each is healthy', () => {
    for (const [name, one] of Object.entries(services)) {
      for (const used of one.secrets)
        expect(secrets, name).toHaveProperty([typeof used === 'string' ? used : used.source]);
      for (const network of one.networks) if (network !== 'default') expect(networks).toHaveProperty([network]);
      for (const volume of one.volumes) expect(volumes).toHaveProperty([volume.split(':')[0] ?? '']);
      expect((name === 'isovec' ? server : one).healthcheck, name).toBeDefined();
    }
    const others = Object.keys(services).filter((name) => name !== 'isovec');
    expect(server.depends_on).toEqual(
      Object.fromEntries(others.map((name) => [name, { condition: 'service_healthy' }])),
    );
    for (const name of others)
      expect(Object.values(server.environment).join(' ')).toMatch(new RegExp(`[/@]${name}:\\d+`));
    expect(Object.keys(configs)).toEqual(file.includes('postgresql') ? ['extension'] : []);
  });
});
