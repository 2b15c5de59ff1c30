import type { Context } from 'hono'

/** An answer that says what is wrong. */
export function failure(
  c: Context,
  status: 400 | 403 | 404 | 413 | 415,
  error_type: string,
  message: string,
): Response {
  return c.json({ error_type, message }, status)
}
