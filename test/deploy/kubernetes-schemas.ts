// What Kubernetes says of its objects (`api/openapi-spec/swagger.json`), as JSON Schemas that kubeconform reads: nothing has to come from its site.

interface Definition {
  type?: string
  format?: string
  oneOf?: object[]
  properties?: object
  additionalProperties?: unknown
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}

/** A schema for each of the kinds that a chart may have, under the name by which kubeconform asks: `statefulset-apps-v1.json`. */
export function kubernetesSchemas(swagger: string): { name: string; schema: object }[] {
  const { definitions } = JSON.parse(swagger) as { definitions: Record<string, Definition> }
  // As the server does with `--validate=strict`: a field that nobody knows is a slip of the pen.
  for (const each of Object.values(definitions)) if (each.properties !== undefined) each.additionalProperties ??= false
  // Written as strings there, and taken as numbers too.
  for (const name of ['api.resource.Quantity', 'util.intstr.IntOrString']) {
    const either = definitions[`io.k8s.apimachinery.pkg.${name}`]!
    delete either.type
    delete either.format
    either.oneOf = [{ type: 'string' }, { type: 'number' }]
  }
  return Object.entries(definitions).flatMap(([definition, { 'x-kubernetes-group-version-kind': kinds = [] }]) =>
    kinds
      .filter(({ kind }) => charted.includes(kind))
      .map(({ group, version, kind }) => ({
        name: [kind.toLowerCase(), ...(group === '' ? [] : [group.split('.')[0]]), `${version}.json`].join('-'),
        schema: { $ref: `#/definitions/${definition}`, definitions },
      })),
  )
}

const charted = ['ConfigMap', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'StatefulSet']
