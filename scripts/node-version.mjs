/** What the tools in this workspace need: jsdom and tsup set the lowest bounds. */
const oldest = { 22: [22, 22, 2], 24: [24, 15, 0] }

/** @param {string} version */
export function isSupportedNode(version) {
  const parts = version.split('.').map(Number)
  const [major = 0] = parts
  if (major === 22 || major === 24) return !isOlder(parts, oldest[major])
  return major >= 26
}

/** @param {number[]} a @param {number[]} b */
function isOlder(a, b) {
  const at = b.findIndex((n, i) => n !== a[i])
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0)
}

/** Ends the process with one message when this Node cannot run the workspace, or is not the one asked for. */
export function requireNode() {
  const version = process.versions.node
  if (!isSupportedNode(version)) {
    refuse(`agent-stream is developed on Node 24 (also 22.22.2+ and 26+), but this is Node ${version}.
On Linux, \`npm test\` and \`npm start\` bring their own Node 24; on this platform please install it: https://nodejs.org`)
  }
  const expected = process.env.AGENT_STREAM_EXPECT_NODE
  if (expected && version.split('.')[0] !== expected.split('.')[0]) {
    refuse(`AGENT_STREAM_EXPECT_NODE is ${expected}, but this is Node ${version} (${process.execPath}).`)
  }
}

/** @param {string} message @returns {never} */
function refuse(message) {
  console.error(message)
  process.exit(1)
}
