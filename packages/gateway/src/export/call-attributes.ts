import type { CallReport } from '../observe/call-report.ts'

/** Values that come from requests and answers, of which there may be any number; the rest is `other`. */
const MAX_VALUES = 100
const MAX_CHARS = 100

/** What a call's figures are told by: OpenTelemetry's attributes, each with a bounded number of values. */
export type CallAttributes = Readonly<Record<string, string | number>>

/** Makes attributes of reports; one set of values for all that is exported. */
export function createCallAttributes(): (report: CallReport) => CallAttributes {
  const known = new Map<string, Set<string>>()

  function bounded(attribute: string, value: string): string {
    const values = known.get(attribute) ?? new Set()
    known.set(attribute, values)
    const short = value.slice(0, MAX_CHARS)
    if (values.has(short)) return short
    if (values.size >= MAX_VALUES) return 'other'
    values.add(short)
    return short
  }

  return ({ operation, provider, requestModel, responseModel, server, errorType, target }) => {
    const [, host = server, port] = /^(.*?)(?::(\d+))?$/.exec(server) ?? []
    return {
      'gen_ai.operation.name': operation ?? 'other',
      'gen_ai.provider.name': provider,
      ...(requestModel && { 'gen_ai.request.model': bounded('model', requestModel) }),
      ...(responseModel && { 'gen_ai.response.model': bounded('model', responseModel) }),
      'server.address': host,
      ...(port && { 'server.port': Number(port) }),
      ...(errorType && { 'error.type': bounded('error', errorType) }),
      'agent_stream.target': target,
    }
  }
}
