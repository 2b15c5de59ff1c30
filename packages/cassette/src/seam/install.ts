import type { Fetch } from './prepare-request.ts'

const LAYER = Symbol.for('@agent-stream/cassette.layer')

/** What is installed over another `fetch`. */
interface Layer {
  readonly target: Fetch
  readonly under: Fetch
  /** How often it was installed and not yet taken away. */
  uses: number
}

type LayeredFetch = Fetch & { readonly [LAYER]?: Layer }

/**
 * Puts `fetch` in the place of the global one, for programs that offer no other way. Gives what takes it away again,
 * in any order with others; more than once does nothing. Installing what is on top already installs nothing.
 */
export function installFetch(fetch: Fetch): () => void {
  const top = layerOf(globalThis.fetch)
  const layer = top?.target === fetch ? top : addLayer(fetch)
  layer.uses++
  let isInstalled = true
  return () => {
    if (!isInstalled) return
    isInstalled = false
    layer.uses--
    for (let found = layerOf(globalThis.fetch); found?.uses === 0; found = layerOf(globalThis.fetch)) {
      globalThis.fetch = found.under
    }
  }
}

/** The `fetch` under all that is installed. */
export function underneath(fetch: Fetch): Fetch {
  const layer = layerOf(fetch)
  return layer ? underneath(layer.under) : fetch
}

function layerOf(fetch: Fetch): Layer | undefined {
  return (fetch as LayeredFetch)[LAYER]
}

function addLayer(target: Fetch): Layer {
  const layer: Layer = { target, under: globalThis.fetch, uses: 0 }
  // One that was taken away under another passes the call on.
  const layered: Fetch = (input, init) => (layer.uses > 0 ? target : layer.under)(input, init)
  globalThis.fetch = Object.assign(layered, { [LAYER]: layer })
  return layer
}
