// What the image is, for the builder without a container engine, for deploy/Containerfile and for the checks: one definition.

/** What an image has of a model: nothing, or the default model in one of its two forms. */
export const IMAGE_VARIANTS = ['none', 'float32', 'int8'] as const;

export type ImageVariant = (typeof IMAGE_VARIANTS)[number];

/** Whether a name is that of a variant. */
export function isImageVariant(name: string): name is ImageVariant {
  return IMAGE_VARIANTS.some((variant) => variant === name);
}

/** Layers in the order in which they lie upon each other: what changes least often comes first. */
export const IMAGE_LAYERS = ['runtime', 'engine', 'packages', 'application', 'model'] as const;

export type LayerName = (typeof IMAGE_LAYERS)[number];

/** Most bytes of all files of a variant, uncompressed: what the image promises. */
export const SIZE_BUDGETS: Readonly<Record<ImageVariant, number>> = {
  none: 175_000_000,
  float32: 270_000_000,
  int8: 200_000_000,
};

/** What others weigh that do the same: PyTorch with sentence-transformers, and onnxruntime in Python. */
export const REFERENCE_BYTES: Readonly<Record<string, number>> = {
  PyTorch: 1_620_000_000,
  'onnxruntime in Python': 700_000_000,
};

/** The model of the variants that have one. */
export const BAKED_MODEL = 'sentence-transformers/all-MiniLM-L6-v2';

/** User and group of the process: a number that no host gives to a person, the one that distroless images use. */
export const IMAGE_USER = 65_532;

export const IMAGE_PATHS = {
  node: '/usr/local/bin/node',
  command: '/usr/local/bin/isovec',
  application: '/opt/isovec',
  /** Cache of the variants with a model: of root, and never written to. */
  models: '/opt/isovec/models',
  /** Cache of the variant without: of the user, and meant for a volume. */
  cache: '/var/cache/isovec',
  /** What is to be kept, such as a memory: of the user, and meant for a volume. */
  state: '/var/lib/isovec',
  healthCheck: '/opt/isovec/health-check.mjs',
  documents: '/usr/share/doc',
} as const;

/** Ports of HTTP and gRPC: those that `isovec serve` has by itself. */
export const IMAGE_PORTS: readonly number[] = [8080, 50_051];

/** How the health check is run, in seconds. */
export const HEALTH_CHECK = { interval: 30, timeout: 5, startPeriod: 30, retries: 3 } as const;

/** The environment of the process. Flags of `isovec serve` are set here, so that arguments of a user add to them. */
export function imageEnvironment(variant: ImageVariant): Readonly<Record<string, string>> {
  return {
    PATH: '/usr/local/bin',
    HOME: IMAGE_PATHS.state,
    ISOVEC_HOME: variant === 'none' ? IMAGE_PATHS.cache : IMAGE_PATHS.models,
    ISOVEC_MEMORY: `${IMAGE_PATHS.state}/memory.db`,
    // Reachable from outside of the container. Without keys the server refuses that unless it is told --allow-anonymous.
    ISOVEC_HOST: '0.0.0.0',
    ...(variant === 'int8' ? { ISOVEC_DTYPE: 'int8' } : {}),
  };
}

/** What is started, with a user's arguments after it. */
export const IMAGE_ENTRYPOINT: readonly string[] = [IMAGE_PATHS.command, 'serve'];

/** The health check, without a shell. */
export const HEALTH_COMMAND: readonly string[] = [IMAGE_PATHS.node, IMAGE_PATHS.healthCheck];

/** Labels of every image, beside those of version and revision. */
export function imageLabels(variant: ImageVariant): Readonly<Record<string, string>> {
  const model = variant === 'none' ? 'without a model' : `with ${BAKED_MODEL} as ${variant}`;
  return {
    'org.opencontainers.image.title': 'isovec',
    'org.opencontainers.image.description': `Sentence embeddings over HTTP and gRPC, ${model}.`,
    'org.opencontainers.image.licenses': 'Apache-2.0',
    'org.isovec.variant': variant,
  };
}
