// Refuses to go on, with one clear message, when the Node that runs this is too old for the workspace.
import { requireNode } from './node-version.mjs'

requireNode()
