import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApi } from './openapi.ts'
import { apiPath, routes } from './routes.ts'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object }[]
  readonly responses: Readonly<Record<string, object>>
  readonly requestBody?: object
  readonly security: readonly object[]
}

const document = JSON.parse(JSON.stringify(openApi('0.0.0'))) as {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: object
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

test('the document names every route once', () => {
  assert.equal(document.openapi, '3.1.0')
  assert.equal(operations.length, routes.length, 'two routes have one path and method')
  for (const { method, path } of routes) {
    assert.ok(document.paths[apiPath + path]?.[method.toLowerCase()], `${method} ${path}`)
  }
  assert.equal(new Set(operations.map(one => one.operation.operationId)).size, routes.length)
})

test('every parameter of a path is declared, and every reference leads somewhere', () => {
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
    const declared = operation.parameters.filter(one => one.in === 'path').map(one => one.name)
    assert.deepEqual(declared.toSorted(), named.toSorted(), path)
    assert.ok('default' in operation.responses && Object.keys(operation.responses).length === 2, path)
  }
  const text = JSON.stringify(document)
  for (const [, place = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let at: unknown = document
    for (const part of place.split('/')) at = (at as Record<string, unknown>)[part]
    assert.ok(at, place)
  }
  assert.ok(!text.includes('"$schema"'))
})

test('what changes something asks who it is, unless it is how one signs in', () => {
  for (const { method, path, access, scope } of routes) {
    if (access !== 'anyone') continue
    assert.ok(path.startsWith('/session/'), `${method} ${path}`)
    assert.equal(scope, 'own')
  }
})

test('a route about one device is scoped by it', () => {
  for (const { path, scope } of routes) {
    if (path.includes('{device}')) assert.equal(scope, 'device', path)
  }
})

test('GET and DELETE take no body, POST and PATCH say what they take', () => {
  for (const { method, path, body, takes } of routes) {
    const has = body !== undefined || takes !== undefined
    assert.equal(has, method === 'POST' || method === 'PATCH', `${method} ${path}`)
  }
})
