import { AgentStreamClient, type AgentStreamClientOptions } from '@agent-stream/core'
import { type ScriptedResponse, SimulatedClock, scriptedFetch } from '@agent-stream/core/testing'

/** A client on a simulated clock whose n-th request gets the n-th response. */
export function scripted(responses: readonly ScriptedResponse[], more: AgentStreamClientOptions = {}) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  const options: AgentStreamClientOptions = { clock, fetch, random: () => 0, ...more }
  return { clock, requests, options, client: new AgentStreamClient(options) }
}
