import { z } from 'zod';

// What the tests look at of the manifests; schemas of Kubernetes judge the rest (`npm run test:deploy`).

const labels = z.record(z.string(), z.string());
const port = z.object({ name: z.string(), containerPort: z.int() });
const probe = z.object({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }),
  periodSeconds: z.int(),
  failureThreshold: z.int(),
});
const container = z.object({
  name: z.literal('isovec'),
  image: z.string(),
  ports: z.array(port),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  resources: z.record(z.enum(['requests', 'limits']), z.strictObject({ cpu: z.string(), memory: z.string() })),
  securityContext: z.unknown(),
  startupProbe: probe,
  readinessProbe: probe,
  livenessProbe: probe,
  lifecycle: z.strictObject({ preStop: z.strictObject({ sleep: z.strictObject({ seconds: z.int() }) }) }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});

/** A Deployment with one container. */
export const deploymentShape = z.object({
  spec: z.object({
    /** The autoscaler's. */
    replicas: z.undefined().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.boolean(),
        serviceAccountName: z.string(),
        terminationGracePeriodSeconds: z.int(),
        securityContext: z.unknown(),
        topologySpreadConstraints: z.array(z.object({ labelSelector: z.object({ matchLabels: labels }) })),
        containers: z.tuple([container]),
        volumes: z.array(
          z.looseObject({
            name: z.string(),
            secret: z.strictObject({ secretName: z.string(), defaultMode: z.int() }).optional(),
            configMap: z.strictObject({ name: z.string() }).optional(),
          }),
        ),
      }),
    }),
  }),
});

/** A Service. */
export const serviceShape = z.object({
  spec: z.object({
    selector: labels,
    ports: z.array(z.object({ name: z.string(), port: z.int(), targetPort: z.string() })),
  }),
});

/** What scales by one metric of the pods. */
export const autoscalerShape = z.object({
  spec: z.object({
    scaleTargetRef: z.object({ name: z.string() }),
    minReplicas: z.int(),
    maxReplicas: z.int(),
    metrics: z.tuple([
      z.object({
        pods: z.object({ metric: z.object({ name: z.string() }), target: z.object({ averageValue: z.string() }) }),
      }),
    ]),
  }),
});

/** Who may reach the pods, and whom they may. */
export const networkPolicyShape = z.object({
  spec: z.object({
    podSelector: z.object({ matchLabels: labels }),
    policyTypes: z.array(z.string()),
    ingress: z.array(z.object({ from: z.array(z.unknown()).min(1), ports: z.array(z.object({ port: z.string() })) })),
    egress: z.array(z.object({ to: z.array(z.unknown()).min(1), ports: z.array(z.object({ port: z.int() })) })),
  }),
});

/** How many pods may be taken away at a time. */
export const disruptionBudgetShape = z.object({
  spec: z.object({ maxUnavailable: z.int(), selector: z.object({ matchLabels: labels }) }),
});
