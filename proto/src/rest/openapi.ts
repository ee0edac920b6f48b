/** The OpenAPI 3.1 document, made from the routes: what it says is what is checked. */
import { z } from 'zod'
import type { AnswerKind, Route } from './route.ts'
import { apiPath, routes } from './routes.ts'
import { problem } from './shapes.ts'

type Json = { readonly [key: string]: unknown }

const mediaTypes: Readonly<Record<Exclude<AnswerKind, 'none' | 'redirect'>, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  pdf: 'application/pdf',
  octets: 'application/octet-stream',
  events: 'text/event-stream',
}

export function openApi(version: string, all: readonly Route[] = routes): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const one of all) {
    const path = apiPath + one.path
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backstay collector',
      version,
      description:
        'Times are milliseconds since 1970, ids lower-case hex, signed envelopes and sealed objects base64. Nothing here opens a backup: that is done by whoever holds keys.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-backstay' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}

function operation(one: Route): Json {
  const { summary, tag, access, scope, stepUp, status } = one
  const kind = one.kind ?? 'json'
  return {
    summary,
    tags: [tag],
    operationId: operationId(one),
    security: access === 'anyone' ? [] : [{ session: [] }, { token: [] }],
    'x-roles': typeof access === 'string' ? access : [...access],
    'x-scope': scope,
    ...(stepUp && { 'x-step-up': true }),
    parameters: [...parametersOf(one.params, 'path'), ...parametersOf(one.query, 'query')],
    ...requestBody(one),
    responses: {
      [codeOf(kind, status)]: {
        description: 'done',
        ...(kind === 'none' || kind === 'redirect' ? {} : { content: contentOf(kind, one) }),
      },
      default: {
        description: 'RFC 9457: what went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function codeOf(kind: AnswerKind, status: number | undefined): number {
  if (kind === 'none') return 204
  return kind === 'redirect' ? 303 : (status ?? 200)
}

function contentOf(kind: Exclude<AnswerKind, 'none' | 'redirect'>, { answer }: Route): Json {
  return { [mediaTypes[kind]]: { schema: answer === undefined ? {} : schemaOf(answer, 'output') } }
}

function requestBody({ body, takes }: Route): Json {
  if (takes === 'octets')
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } }
  if (body === undefined) return {}
  return {
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
  }
}

function parametersOf(shape: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  return Object.entries(shape?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(field, undefined).success,
    schema: schemaOf(field, 'input'),
  }))
}

/** `get_devices_device_snapshots` */
function operationId({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replace(/[{}]/g, '').replace(/[^a-z0-9]+/gi, '_')}`
}

function schemaOf(shape: z.core.$ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as Json
  return schema
}
