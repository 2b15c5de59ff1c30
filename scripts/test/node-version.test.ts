import { describe, expect, it } from 'vitest'
import { isSupportedNode } from '../node-version.mjs'

describe('the Node that runs the workspace', () => {
  it.each(['22.22.2', '22.23.3', '24.15.0', '24.21.0', '26.0.0', '26.10.0'])('may be %s', (version) => {
    expect(isSupportedNode(version)).toBe(true)
  })

  it.each(['18.20.8', '20.20.2', '22.22.1', '23.11.0', '24.14.9', '25.1.0'])('may not be %s', (version) => {
    expect(isSupportedNode(version)).toBe(false)
  })

  it.runIf(process.env.AGENT_STREAM_EXPECT_NODE)('is the one the environment asks for', () => {
    expect(process.versions.node.split('.')[0]).toBe(process.env.AGENT_STREAM_EXPECT_NODE)
  })
})
