import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ERROR_STATUS } from '../platform/errors/error-catalogue.js';
import { generateOpenApi } from './generate-openapi.js';

type Node = Record<string, unknown>;
interface Operation extends Node {
  operationId: string;
  summary: string;
  tags: string[];
  security?: unknown[];
  responses: Record<string, Node>;
}

let document: Node & {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Node>>;
};
let operations: [string, Operation][];

beforeAll(async () => {
  document = parse(await generateOpenApi()) as typeof document;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
}, 60_000);

/** Returns the roots of all schemas: the components, and those of bodies and parameters. */
function schemaRoots(): [string, Node][] {
  const inline = operations.flatMap(([route, { parameters = [], requestBody, responses }]) =>
    [...(parameters as Node[]), requestBody as Node | undefined, ...Object.values(responses)].flatMap((holder) => {
      const content = Object.values((holder?.content ?? {}) as Record<string, Node>);
      return [holder, ...content].flatMap((node) => (node?.schema ? [[route, node.schema] as [string, Node]] : []));
    }),
  );
  return [...Object.entries(document.components.schemas!), ...inline];
}

/** Collects every schema below a node, with its location. */
function* schemasIn(node: unknown, at: string): Generator<[string, Node]> {
  if (typeof node !== 'object' || node === null) return;
  const { type, properties, items, anyOf, oneOf, allOf } = node as Record<string, Node>;
  if (type ?? properties ?? anyOf ?? oneOf) yield [at, node as Node];
  for (const [name, schema] of Object.entries(properties ?? {})) yield* schemasIn(schema, `${at}/${name}`);
  if (items) yield* schemasIn(items, `${at}/items`);
  for (const each of [anyOf, oneOf, allOf]) {
    if (Array.isArray(each)) for (const [index, schema] of each.entries()) yield* schemasIn(schema, `${at}/${index}`);
  }
}

const isScalar = ({ type }: Node) =>
  [type].flat().some((each) => ['string', 'number', 'integer'].includes(each as string));
const hasExample = (schema: Node) =>
  ['example', 'examples', 'enum', 'const', 'default'].some((keyword) => keyword in schema);

describe('the OpenAPI document', () => {
  it('names each operation uniquely by a verb and a noun', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id) => !/^[a-z]+[A-Z]\w+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('summarizes each operation in sentence case', () => {
    const wrong = operations.filter(([, { summary }]) => !/^[A-Z][^.]{3,80}[^.]$/.test(summary ?? ''));
    expect(wrong.map(([route]) => route)).toEqual([]);
  });

  it('documents the success response of each operation, and the error responses of each under /v1', () => {
    for (const [route, { responses }] of operations) {
      const statuses = Object.keys(responses).join(' ');
      expect([route, statuses]).toEqual([route, expect.stringMatching(/\b2\d\d\b/)]);
      if (route.includes(' /v1/'))
        expect([route, statuses]).toEqual([route, expect.stringMatching(/401.*403.*429.*500/)]);
    }
  });

  it('has an example for every scalar', () => {
    const schemas = schemaRoots().flatMap(([name, node]) => [...schemasIn(node, name)]);
    expect(schemas.length).toBeGreaterThan(100);
    const bare = schemas.filter(([, schema]) => isScalar(schema) && !hasExample(schema));
    expect(bare.map(([at]) => at)).toEqual([]);
  });

  it('describes every operation, parameter, response, header, schema and member', () => {
    const { schemas, responses, headers } = document.components;
    const nodes: [string, Node][] = [
      ...operations,
      ...operations.flatMap(([route, { parameters = [] }]) =>
        (parameters as Node[]).map((parameter): [string, Node] => [`${route} ${String(parameter.name)}`, parameter]),
      ),
      ...operations.flatMap(([route, operation]) =>
        Object.entries(operation.responses).map(([status, node]): [string, Node] => [`${route} ${status}`, node]),
      ),
      ...Object.entries({ ...responses, ...headers }),
      ...Object.entries(schemas!),
    ];
    const members = schemaRoots()
      .flatMap(([name, node]) => [...schemasIn(node, name)])
      .flatMap(([at, { properties }]) =>
        Object.entries(properties ?? {}).map(([name, node]) => [`${at}/${name}`, node]),
      );
    expect(members.length).toBeGreaterThan(50);
    const isDescribed = ({ $ref, description, title }: Node) => [$ref, description, title].some(Boolean);
    const bare = [...nodes, ...(members as typeof nodes)].filter(([, node]) => !isDescribed(node));
    expect(bare.map(([at]) => at)).toEqual([]);
  });

  it('gives schemas and responses short names without technical suffixes', () => {
    const { schemas, responses } = document.components;
    const names = [...Object.keys(schemas!), ...Object.keys(responses!)];
    expect(names.filter((name) => /Dto|Schema$|Or[A-Z]/.test(name) || name.length > 25)).toEqual([]);
  });

  it('describes a body with exactly one of several members as alternatives', () => {
    const { oneOf } = document.components.schemas!.VerifyCode as { oneOf: Node[] };
    expect(oneOf.map(({ required, additionalProperties }) => [required, additionalProperties])).toEqual([
      [['email', 'code'], false],
      [['phone', 'code'], false],
      [['target', 'code'], false],
    ]);
  });

  it('has an example for every problem that a known route can return', () => {
    // Problems of unknown routes and methods belong to no operation.
    const elsewhere = ['not_found', 'method_not_allowed'];
    const missing = Object.keys(ERROR_STATUS).filter((code) => !document.components.examples?.[code]);
    expect(missing.filter((code) => !elsewhere.includes(code))).toEqual([]);
  });

  it('requires an access token for all routes except health, webhooks and metrics', () => {
    expect(document.security).toEqual([{ bearer: [] }]);
    const open = operations.filter(([, { security }]) => security?.length === 0).map(([route]) => route.split(' ')[1]);
    expect(open.filter((path) => !/^\/(health|webhooks|metrics)/.test(path!))).toEqual([]);
  });
});
