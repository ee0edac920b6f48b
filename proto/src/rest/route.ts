/**
 * One route of the API as data: how it is called, who may, what goes in and what comes out. The collector validates by it,
 * the OpenAPI document is made from it, and the page takes its types from it.
 */
import type { z } from 'zod'
import type { PersonRole } from './shapes.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** Nobody needs to be known; somebody must be signed in; or he must hold one of these roles. */
export type Access = 'anyone' | 'signed-in' | readonly PersonRole[]

/**
 * What becomes of somebody who sees some groups alone. own: it is about himself. device: the device in the path must be one
 * of his. filtered: he gets what concerns his devices. fleet: it is about everybody, so it is refused.
 */
export type Scope = 'own' | 'device' | 'filtered' | 'fleet'

/** json: as the shape says. none: 204. events: text/event-stream. octets: application/octet-stream. */
export type AnswerKind = 'json' | 'none' | 'csv' | 'pdf' | 'octets' | 'events' | 'redirect'

export interface RouteOptions {
  readonly summary: string
  readonly tag: string
  readonly access: Access
  readonly scope: Scope
  /** Asks for a second proof within the last five minutes. */
  readonly stepUp?: true
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** 'octets': the body is not JSON. */
  readonly takes?: 'octets'
  readonly answer?: z.ZodType
  readonly kind?: AnswerKind
  /** 200 unless it says otherwise; 204 for `none`. */
  readonly status?: 201
}

export interface Route extends RouteOptions {
  readonly method: Method
  /** Below /api/v1: `/devices/{device}`. */
  readonly path: string
}

export function route<const M extends Method, const P extends string, const O extends RouteOptions>(
  method: M,
  path: P,
  options: O,
): { readonly method: M; readonly path: P } & O {
  return { method, path, ...options }
}

type Parsed<R, K extends string> = R extends { readonly [key in K]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined

export type ParamsOf<R> = Parsed<R, 'params'>
export type QueryOf<R> = Parsed<R, 'query'>
export type BodyOf<R> = Parsed<R, 'body'>
export type AnswerOf<R> = R extends { readonly answer: infer S extends z.ZodType } ? z.input<S> : undefined

/** Everybody with any role. */
export const everyRole = ['viewer', 'helpdesk', 'restore', 'policy', 'auditor', 'owner'] as const
