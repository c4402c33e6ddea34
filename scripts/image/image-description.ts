import process from 'node:process';

import {
  HEALTH_CHECK,
  HEALTH_COMMAND,
  IMAGE_ENTRYPOINT,
  IMAGE_PORTS,
  IMAGE_USER,
  imageEnvironment,
  imageLabels,
  type ImageVariant,
} from './image-contents.js';
import type { ImageConfiguration, ImageDescription } from './oci-layout.js';

const NANOSECONDS = 1e9;
/** Processors as Go names them, by the names of Node. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** How a variant is run. */
export function imageConfiguration(
  variant: ImageVariant,
  labels: Readonly<Record<string, string>>,
): ImageConfiguration {
  const { interval, timeout, startPeriod, retries } = HEALTH_CHECK;
  return {
    User: `${IMAGE_USER}:${IMAGE_USER}`,
    ExposedPorts: Object.fromEntries(IMAGE_PORTS.map((port) => [`${port}/tcp`, {}])),
    Env: Object.entries(imageEnvironment(variant)).map(([name, value]) => `${name}=${value}`),
    Entrypoint: IMAGE_ENTRYPOINT,
    WorkingDir: '/',
    Labels: labels,
    StopSignal: 'SIGTERM',
    Healthcheck: {
      Test: ['CMD', ...HEALTH_COMMAND],
      Interval: interval * NANOSECONDS,
      Timeout: timeout * NANOSECONDS,
      StartPeriod: startPeriod * NANOSECONDS,
      Retries: retries,
    },
  };
}

/** Everything about a variant but its layers. */
export function describeImage(
  variant: ImageVariant,
  { version, revision, created }: { readonly version: string; readonly revision: string; readonly created: Date },
): ImageDescription {
  const date = created.toISOString();
  const labels = {
    ...imageLabels(variant),
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': revision,
    'org.opencontainers.image.created': date,
  };
  const tag = variant === 'none' ? version : `${version}-${variant}`;
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    config: imageConfiguration(variant, labels),
    created: date,
    annotations: { ...labels, 'org.isovec.health-check': HEALTH_COMMAND.join(' ') },
    reference: `isovec:${tag}`,
  };
}
