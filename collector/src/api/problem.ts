/** What goes wrong, as RFC 9457 tells it. Of what nobody foresaw only that it happened; the log has the rest. */
import { Failure, isFailure, nextStep } from '@backstay/proto/failure'
import type { Problem } from '@backstay/proto/rest/shapes'
import type { z } from 'zod'

/** HTTP status of a code; what is not named here is what somebody sent: 422. */
const statuses: Readonly<Record<string, number>> = {
  bad_request: 400,
  bad_cursor: 400,
  bad_json: 400,
  not_signed_in: 401,
  sign_in_failed: 401,
  not_allowed: 403,
  out_of_scope: 403,
  step_up_needed: 403,
  second_factor_needed: 403,
  cross_site: 403,
  wrong_host: 421,
  wrong_role: 403,
  not_found: 404,
  unknown_device: 404,
  unknown_route: 404,
  unknown_job: 404,
  no_release: 404,
  release_halted: 409,
  wrong_method: 405,
  already_done: 409,
  already_there: 409,
  not_founded: 409,
  last_owner: 409,
  body_too_large: 413,
  wrong_media_type: 415,
  too_many_requests: 429,
  too_many_streams: 429,
  internal: 500,
  not_configured: 501,
  store_full: 507,
  store_failed: 503,
  catalog_unavailable: 503,
  provider_unreachable: 502,
  closed: 503,
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Wrong method',
  409: 'Conflict',
  413: 'Too large',
  415: 'Wrong media type',
  421: 'Wrong host',
  422: 'Not accepted',
  429: 'Too many requests',
  500: 'Internal error',
  501: 'Not configured',
  502: 'Provider unreachable',
  503: 'Not available now',
  507: 'No room left',
}

export function problemOf(error: unknown): Problem {
  if (!isFailure(error)) {
    const detail = 'the collector failed; its log says why'
    return { type: 'about:blank', title: 'Internal error', status: 500, code: 'internal', detail }
  }
  const status = statuses[error.code] ?? 422
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Failed',
    status,
    code: error.code,
    detail: error.message,
    hint: error.hint ?? (error.remedy === 'stop' ? undefined : nextStep(error, 'backstay')),
  }
}

const issuesShown = 5
const pathShown = 80

/** Names what is wrong and where; of what was sent nothing comes back but the names of fields. */
export function badInput(where: string, error: z.ZodError): Failure {
  const told = error.issues.slice(0, issuesShown).map(({ path, message }) => {
    const place = [where, ...path.map(String)].join('.').slice(0, pathShown)
    return `${place}: ${lowerFirst(message)}`
  })
  const more = error.issues.length > issuesShown ? `; and ${error.issues.length - issuesShown} more` : ''
  return new Failure('bad_request', told.join('; ') + more, { hint: 'see: GET /api/v1/openapi.json' })
}

export function notFound(what: string): Failure {
  return new Failure('not_found', `${what} is not known here`)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
