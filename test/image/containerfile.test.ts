import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  IMAGE_LAYERS,
  IMAGE_PATHS,
  IMAGE_USER,
  IMAGE_VARIANTS,
  imageEnvironment,
  imageLabels,
  type ImageVariant,
} from '../../scripts/image/image-contents.js';
import { imageConfiguration } from '../../scripts/image/image-description.js';

const FILE = path.resolve(import.meta.dirname, '../../deploy/Containerfile');

/** The instructions of each stage, by its name; the last, which has none, is 'image'. */
function stages(): ReadonlyMap<string, readonly (readonly [string, string])[]> {
  const text = readFileSync(FILE, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ');
  const found = new Map<string, [string, string][]>();
  let current: [string, string][] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, instruction = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      current = [];
      found.set(/ AS (\w+)$/.exec(rest)?.[1] ?? 'image', current);
    }
    current.push([instruction, rest]);
  }
  return found;
}

function of(stage: string, instruction: string): string[] {
  return (stages().get(stage) ?? []).filter(([name]) => name === instruction).map(([, rest]) => rest);
}

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w.]+)=("[^"]*"|\S+)/g)].map((match) => [
      match[1] ?? '',
      (match[2] ?? '').replaceAll('"', ''),
    ]),
  );
}

describe('deploy/Containerfile', () => {
  it('copies the layers in their order, and gives the places of volumes to the user', () => {
    const user = `--chown=${IMAGE_USER}:${IMAGE_USER} `;
    expect(of('common', 'COPY')).toEqual([
      ...IMAGE_LAYERS.map((layer) => `--from=build /stage/${layer}/ /`),
      ...[IMAGE_PATHS.cache, IMAGE_PATHS.state].map((place) => `${user}--from=build /stage/empty/ ${place}/`),
    ]);
  });

  it.each(IMAGE_VARIANTS)('has the environment of %s', (variant: ImageVariant) => {
    expect(of(variant, 'FROM')).toEqual([`common AS ${variant}`]);
    const [common = ''] = of('common', 'ENV');
    const [own = ''] = of(variant, 'ENV');
    expect({ ...pairs(common), ...pairs(own) }).toEqual(imageEnvironment(variant));
  });

  it('runs what the builder without an engine runs, in the same way', () => {
    const { User, ExposedPorts, Entrypoint, StopSignal, WorkingDir, Healthcheck } = imageConfiguration('none', {});
    expect(of('common', 'USER')).toEqual([User]);
    expect(of('common', 'EXPOSE')).toEqual([Object.keys(ExposedPorts).join(' ')]);
    expect(of('common', 'ENTRYPOINT').map((text) => JSON.parse(text) as unknown)).toEqual([Entrypoint]);
    expect(of('common', 'STOPSIGNAL')).toEqual([StopSignal]);
    expect(of('common', 'WORKDIR')).toEqual([WorkingDir]);
    const [check = ''] = of('common', 'HEALTHCHECK');
    const [, interval, timeout, startPeriod, retries, command = ''] =
      /^--interval=(\d+)s --timeout=(\d+)s --start-period=(\d+)s --retries=(\d+) CMD (.*)$/.exec(check) ?? [];
    const seconds = (text: string | undefined): number => Number(text) * 1e9;
    expect({
      Test: ['CMD', ...(JSON.parse(command) as string[])],
      Interval: seconds(interval),
      Timeout: seconds(timeout),
      StartPeriod: seconds(startPeriod),
      Retries: Number(retries),
    }).toEqual(Healthcheck);
  });

  it('has labels of the same names', () => {
    const labels = pairs(of('image', 'LABEL')[0] ?? '');
    const names = [
      ...Object.keys(imageLabels('none')),
      'org.opencontainers.image.version',
      'org.opencontainers.image.revision',
    ];
    expect(Object.keys(labels).sort()).toEqual(names.sort());
  });
});
