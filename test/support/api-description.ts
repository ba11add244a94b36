/** The API by its own description: which answers it promises, and requests that it half allows. */
import fc from 'fast-check';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';
import { wellFormed } from './hostile-values.ts';

interface Schema {
  type?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
}

interface Operation {
  parameters?: { name: string; in: 'query' | 'path'; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface ApiOperation {
  method: 'GET' | 'POST';
  /** With its parameters: `/api/papers/{id}`. */
  path: string;
  operation: Operation;
}

export interface ApiDescription {
  operations: ApiOperation[];
  /** What is wrong with this answer to a request for this route, by its description; null where nothing is, or none is given. */
  faultOf(route: Pick<ApiOperation, 'method' | 'path'>, answer: LightMyRequestResponse): string | null;
}

export async function readApiDescription(app: FastifyInstance): Promise<ApiDescription> {
  const { paths }: { paths: Record<string, Record<string, Operation>> } = (
    await app.inject('/api/openapi.json')
  ).json();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase() as 'GET' | 'POST',
      path,
      operation,
    })),
  );
  const schemas = new Map<string, z.ZodType>();
  for (const { method, path, operation } of operations) {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const schema = content?.['application/json']?.schema;
      if (!schema) continue;
      const checked = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)), { defaultTarget: 'openapi-3.0' });
      schemas.set(`${method} ${path} ${status}`, checked);
    }
  }
  return {
    operations,
    faultOf({ method, path }, answer) {
      const schema = schemas.get(`${method} ${path} ${answer.statusCode}`);
      const result = schema?.safeParse(answer.json());
      return result && !result.success ? z.prettifyError(result.error) : null;
    },
  };
}

/** Requests whose every part is right, at a bound, of another kind, missing, or one too many. */
export function requestsFor({ method, path, operation }: ApiOperation): fc.Arbitrary<InjectOptions> {
  const { parameters = [], requestBody } = operation;
  const named = (place: 'query' | 'path') =>
    Object.fromEntries(
      parameters.filter((each) => each.in === place).map(({ name, schema }) => [name, value(schema)]),
    );
  const body = Object.values(requestBody?.content ?? {})[0]?.schema ?? {};
  return fc
    .record({
      params: fc.record(named('path')),
      query: fc.record(named('query'), { requiredKeys: [] }),
      payload: fc.oneof({ weight: 5, arbitrary: value(body) }, { weight: 1, arbitrary: anything }),
    })
    .map(({ params, query, payload }) => {
      const url = path.replace(/\{(\w+)\}/g, (_, name) => encoded(params[name]));
      const search = Object.entries(query).map(([name, each]) => `${name}=${encoded(each)}`);
      return {
        method,
        url: `${url}?${search.join('&')}`,
        ...(requestBody
          ? { payload: JSON.stringify(payload), headers: { 'content-type': 'application/json' } }
          : {}),
      };
    });
}

function encoded(part: unknown): string {
  return encodeURIComponent(wellFormed(typeof part === 'string' ? part : JSON.stringify(part)));
}

const anything = fc.jsonValue({ maxDepth: 3 });

function value(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 6, arbitrary: valid(schema) },
    { weight: 2, arbitrary: bounds(schema) },
    { weight: 1, arbitrary: anything },
  );
}

function valid(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valid));
  switch (schema.type) {
    case 'integer':
      return fc.integer({ min: schema.minimum, max: schema.maximum });
    case 'array':
      return fc.array(value(schema.items ?? {}), { maxLength: 4 });
    case 'object': {
      const known = Object.entries(schema.properties ?? {}).map(([name, each]) => [name, value(each)]);
      const extra = fc.dictionary(fc.string({ maxLength: 12 }), anything, { maxKeys: 2 });
      return fc
        .tuple(fc.record(Object.fromEntries(known), { requiredKeys: [] }), extra)
        .map(([fields, more]) => ({ ...more, ...fields }));
    }
    default:
      return fc.string({ unit: 'binary', maxLength: 20 });
  }
}

/** The last value that is allowed, and the first that is not. */
function bounds({
  type,
  anyOf,
  minimum = 0,
  maximum = 0,
  maxLength = 300,
  maxItems = 3,
  items,
}: Schema): fc.Arbitrary<unknown> {
  if (anyOf) return fc.oneof(...anyOf.map(bounds));
  switch (type) {
    case 'integer':
      return fc.constantFrom(
        minimum - 1,
        minimum,
        maximum,
        maximum + 1,
        minimum + 0.5,
        2 ** 53,
        -(2 ** 63),
        '',
        `${maximum}`,
      );
    case 'array':
      return valid(items ?? {}).chain((item) =>
        fc.constantFrom(maxItems, maxItems + 1).map((length) => Array.from({ length }, () => item)),
      );
    default:
      return fc
        .tuple(
          fc.constantFrom(0, maxLength, maxLength + 1),
          fc.constantFrom('x', '\u0301', '😀', '"', '<', ' '),
        )
        .map(([length, character]) => character.repeat(length));
  }
}
