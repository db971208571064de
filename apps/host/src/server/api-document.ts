import { errorCodes, type Method, signIn, teeMethods, teeStreams } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

/** A part of an OpenAPI document. */
type Json = { [member: string]: Json } | Json[] | string | number | boolean | null;

const cbor = (description: string): Json => ({
  description,
  content: { 'application/cbor': { schema: { type: 'string', contentEncoding: 'binary' } } },
});
const problem: Json = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const text = (description: string, type = 'text/plain'): Json => ({
  description,
  content: { [type]: { schema: { type: 'string' } } },
});

/**
 * The server as an OpenAPI 3.1 document. Its paths carry sealed messages; what those hold is the method table, which
 * stands under `x-tee-methods` with the schema of each parameter and result: the server itself never sees them.
 */
export function apiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'neo-tee host',
      version,
      description:
        'Relays sealed messages between clients and an attested enclave. Use TeeClient, which verifies the enclave before anything is sent.',
    },
    paths: {
      '/v1/evidence': {
        get: {
          operationId: 'evidence',
          summary: 'What the enclave proves: quote, claims and collateral, to be verified by the client.',
          responses: { 200: cbor('An evidence document'), default: problem },
        },
      },
      '/v1/channel': {
        post: {
          operationId: 'channel',
          summary: 'Carries one message of tee-channel/1 to the enclave and its answer back.',
          requestBody: { required: true, ...(cbor('A message') as { [member: string]: Json }) },
          responses: { 200: cbor('The answer'), default: problem },
        },
        get: {
          operationId: 'channelSocket',
          summary: 'With an upgrade to a WebSocket: evidence and messages in frames of the host link.',
          responses: { 101: { description: 'A WebSocket' }, 426: problem },
        },
      },
      '/health/live': { get: { operationId: 'live', responses: { 204: { description: 'The host runs' } } } },
      '/health/ready': {
        get: { operationId: 'ready', responses: { 204: { description: 'An enclave serves' }, 503: problem } },
      },
      '/metrics': { get: { operationId: 'metrics', responses: { 200: text('Metrics, for Prometheus') } } },
      '/v1/suggestion': {
        get: {
          operationId: 'suggestion',
          summary: 'What the host says that its enclave is: a policy and roots. Proves nothing against the host.',
          responses: { 200: text('Policy and roots', 'application/json'), 404: problem },
        },
      },
      '/': { get: { operationId: 'console', responses: { 200: text('The console', 'text/html'), 404: problem } } },
      '/openapi.json': { get: { operationId: 'document', responses: { 200: text('This', 'application/json') } } },
      '/docs': { get: { operationId: 'docs', responses: { 200: text('This, to read', 'text/html') } } },
    },
    components: {
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'instance'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { enum: Object.keys(errorCodes) },
            instance: { type: 'string' },
          },
        },
      },
    },
    'x-tee-methods': Object.fromEntries(
      Object.entries({ signIn, ...teeMethods }).map(([name, method]) => [name, methodDocument(method)]),
    ),
    'x-tee-streams': Object.fromEntries(
      Object.entries(teeStreams).map(([name, { summary, access, input }]) => [
        name,
        { summary, access, input: schemaOf(input) },
      ]),
    ),
  };
}

function methodDocument({
  summary,
  runs,
  access,
  input,
  output,
}: Pick<Method<unknown, unknown>, 'summary' | 'runs' | 'access'> & {
  input: z.ZodType;
  output: z.ZodType;
}): Json {
  return { summary, runs, access, input: schemaOf(input), output: schemaOf(output) };
}

/** Byte strings have no JSON form: they travel as CBOR. */
function schemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'custom')
        Object.assign(jsonSchema, { type: 'string', contentEncoding: 'binary' });
    },
  }) as Json;
}
