import { GatewayError, type GatewayErrorCode } from './gateway-error.ts'

/** By the codes of undici and of the system, the others are connections that broke. */
const KNOWN: Readonly<Record<string, readonly [GatewayErrorCode, string]>> = {
  UND_ERR_CONNECT_TIMEOUT: ['upstream_connect_timeout', 'The API took too long to accept a connection'],
  UND_ERR_HEADERS_TIMEOUT: ['upstream_timeout', 'The API took too long to answer'],
  UND_ERR_BODY_TIMEOUT: ['upstream_timeout', 'The API went silent in the middle of its answer'],
  ECONNREFUSED: ['upstream_unreachable', 'The API accepts no connections'],
  ENOTFOUND: ['upstream_unreachable', 'The name of the API’s host is not known'],
  EAI_AGAIN: ['upstream_unreachable', 'The name of the API’s host could not be looked up'],
  EHOSTUNREACH: ['upstream_unreachable', 'There is no way to the API’s host'],
  ENETUNREACH: ['upstream_unreachable', 'There is no way to the API’s host'],
  ETIMEDOUT: ['upstream_connect_timeout', 'The connection to the API timed out'],
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: ['client_closed', 'The request’s body is not as long as it said'],
}

/** What is said of an error of the API's connection: its kind, and never its text. */
export function upstreamError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const code = codeOf(error)
  const known = code === undefined ? undefined : KNOWN[code]
  if (known) return new GatewayError(...known)
  const isTls = /^(?:ERR_TLS|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERR_SSL|EPROTO)/.test(code ?? '')
  if (isTls)
    return new GatewayError('upstream_unreachable', `The API’s certificate or TLS is not accepted (${code})`)
  return new GatewayError('upstream_failed', `The connection to the API broke${code ? ` (${code})` : ''}`)
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: unknown }
  // Of several addresses each failed.
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code)) return code
  return codeOf(cause)
}
